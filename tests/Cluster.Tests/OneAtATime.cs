// Nodes, pools and webhook configurations are everybody's: these tests run one after the other.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
