global using GpuMem.Kubernetes.Models;
global using GpuMem.Kubernetes.Tests.FakeApi;
global using Microsoft.Extensions.Logging.Abstractions;
global using k8s;
global using k8s.Models;
