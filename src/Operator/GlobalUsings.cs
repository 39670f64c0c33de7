global using GpuMem.Kubernetes;
global using GpuMem.Kubernetes.Controllers;
global using GpuMem.Kubernetes.Events;
global using GpuMem.Kubernetes.Informers;
global using GpuMem.Kubernetes.Models;
global using GpuMem.Operator.Launching;
global using GpuMem.Operator.Reporting;
global using k8s.Models;
