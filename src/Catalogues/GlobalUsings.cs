global using System.Globalization;
global using GpuMem.Estimation;
global using GpuMem.Estimation.Jobs;
global using GpuMem.Estimation.Models;
