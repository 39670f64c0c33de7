global using GpuMem.Cli.Tests.Support;
global using GpuMem.TestKit;

// What is captured is the console of the whole process.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
