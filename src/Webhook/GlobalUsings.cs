global using GpuMem.Kubernetes;
global using GpuMem.Kubernetes.Admission;
global using GpuMem.Kubernetes.Models;
global using k8s.Models;
