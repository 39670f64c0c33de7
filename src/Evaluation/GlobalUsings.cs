global using GpuMem.Estimation;
global using k8s.Models;
