global using GpuMem.Api.TrainingJobs;
global using GpuMem.Kubernetes;
global using GpuMem.Kubernetes.Models;
global using GpuMem.Operator.Reporting;
global using GpuMem.Operator.TrainingJobs;
global using GpuMem.TestKit;
global using GpuMem.TestKit.InMemory;
global using k8s.Models;
