global using GpuMem.Estimation.Arithmetic;
global using GpuMem.Estimation.Jobs;
global using GpuMem.Estimation.Models;
global using GpuMem.Estimation.Ranks;
