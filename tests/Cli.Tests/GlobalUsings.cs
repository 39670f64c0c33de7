global using GpuMem.Cli.Tests.Support;
global using GpuMem.TestKit;

// What is captured is the console of the whole process.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
