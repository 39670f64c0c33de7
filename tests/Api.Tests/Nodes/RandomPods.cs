using GpuMem.Api.GpuPools;
using GpuMem.Api.Nodes;
using GpuMem.Kubernetes.Models;
using k8s.Models;

namespace GpuMem.Api.Tests.NodeLabels;

/// <summary>Pods, nodes and pools at random, of few words, so that they meet often enough; the same for the same seed.</summary>
internal sealed class RandomPods(int seed)
{
    private static readonly string[] Keys = ["zone", "generation", "team", "kubernetes.io/hostname", "topology.kubernetes.io/zone", "absent", "karpenter.sh/nodepool", GpuNode.ProductLabel];

    private static readonly string[] Values = ["a", "b", "1", "2", "10", "", Nodes.H100];

    private static readonly string[] Operators = ["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt", "Resembles"];

    private static readonly string[] TaintKeys = ["team", "spot", "nvidia.com/gpu", "node.kubernetes.io/not-ready"];

    private static readonly string[] Effects = ["NoSchedule", "NoExecute", "PreferNoSchedule"];

#pragma warning disable CA5394 // Not a secret: the same every time.
    private readonly System.Random _random = new(seed);

    public PoolInventory Inventory() => InventoryBuilder.Build(Many(0, 12, NodeAt), Many(0, 3, Declared));

    public int Next(int below) => _random.Next(below);
#pragma warning restore CA5394

    public V1Node NodeAt(int at)
    {
        List<(string, string)> labels = [("kubernetes.io/hostname", $"n{at}")];
        foreach (var key in Keys)
            if (key != "absent" && key != "kubernetes.io/hostname" && Next(3) > 0)
                labels.Add((key, Word(Values)));
        if (Next(4) > 0)
            labels.Add((GpuMemoryLabel.Key, "81559"));
        (string, int)[] offers = Next(4) == 0 ? [("nvidia.com/gpu", 1 + Next(2)), ("nvidia.com/mig-1g.10gb", 7)] : Next(5) == 0 ? [("nvidia.com/mig-1g.10gb", 7)] : [("nvidia.com/gpu", 1 + Next(2))];
        var node = Nodes.With($"n{at}", offers, [.. labels]);
        for (var taints = Next(3) - 1; taints > 0; taints--)
            node.Tainted(Word(TaintKeys), Word(Values), Word(Effects));
        return node;
    }

    public GpuPool Declared(int at) => new()
    {
        Metadata = new V1ObjectMeta { Name = $"p{at}" },
        Spec = new GpuPoolSpec
        {
            Selector = Next(3) == 0 ? null : new Dictionary<string, string> { [Word(Keys)] = Word(Values) },
            Product = Next(2) == 0 ? Nodes.H100 : null,
            GpusPerNode = Next(2) == 0 ? 8 : null,
            MaxNodes = Next(2) == 0 ? Next(8) : null,
            MemoryPerGPU = Next(3) == 0 ? Quantity.Parse("80Gi") : (Quantity?)null,
            Taints = Next(4) == 0 ? [new GpuPoolTaint { Key = Word(TaintKeys), Value = Word(Values) }] : null,
        },
    };

    public V1PodSpec Pod() => new()
    {
        NodeName = Next(8) == 0 ? $"n{Next(14)}" : null,
        NodeSelector = Next(2) == 0 ? null : Many(0, 3, _ => KeyValuePair.Create(Word(Keys), Word(Values))).DistinctBy(label => label.Key).ToDictionary(),
        Affinity = Next(2) == 0 ? null : new V1Affinity
        {
            NodeAffinity = new V1NodeAffinity { RequiredDuringSchedulingIgnoredDuringExecution = new V1NodeSelector { NodeSelectorTerms = Many(0, 3, _ => Term()) } },
        },
        Tolerations = Next(2) == 0 ? null : Many(0, 3, _ => new V1Toleration
        {
            Key = Next(5) == 0 ? null : Word(TaintKeys),
            OperatorProperty = Word([null, "Exists", "Equal", "Lt"]),
            Value = Word(Values),
            Effect = Next(2) == 0 ? null : Word(Effects),
        }),
    };

    private V1NodeSelectorTerm Term() => new()
    {
        MatchExpressions = Next(5) == 0 ? null : Many(0, 3, _ => Requirement(Word(Keys))),
        MatchFields = Next(4) > 0 ? null : Many(1, 2, _ => Requirement(Next(5) == 0 ? "metadata.namespace" : "metadata.name")),
    };

    private V1NodeSelectorRequirement Requirement(string key) => new()
    {
        Key = key,
        OperatorProperty = Word(Operators),
        Values = Next(6) == 0 ? null : Many(1, 3, _ => key is "metadata.name" or "kubernetes.io/hostname" && Next(2) == 0 ? $"n{Next(14)}" : Word(Values)),
    };

    private T Word<T>(T[] words) => words[Next(words.Length)];

    private List<T> Many<T>(int least, int most, Func<int, T> make) => [.. Enumerable.Range(0, least + Next(most - least + 1)).Select(make)];
}
