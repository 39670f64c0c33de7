global using GpuMem.Kubernetes;
global using GpuMem.Kubernetes.Models;
