global using System.Text.Json.Nodes;
global using GpuMem.Estimation;
global using GpuMem.Estimation.Jobs;
global using GpuMem.Kubernetes;
global using GpuMem.Kubernetes.Models;
global using k8s.Models;
