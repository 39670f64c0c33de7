// Nodes, pools and webhook configurations are everybody's: these tests run one after the other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
