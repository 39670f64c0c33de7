namespace GpuMem.Api.Nodes.Templates;

/// <summary>What an autoscaler or a queue says of nodes that need not exist yet.</summary>
public sealed record NodeTemplate
{
    /// <summary>Of the pool that such nodes are in once they exist.</summary>
    public required string Name { get; init; }

    /// <summary>What says so, <c>Karpenter NodePool gpus</c>.</summary>
    public required string Origin { get; init; }

    /// <summary>Labels by which its nodes are known from others, and that pods may select before there are any.</summary>
    public required IReadOnlyDictionary<string, string> Selector { get; init; }

    public IReadOnlyList<NodeTaint> Taints { get; init; } = [];

    /// <summary>What a node may be: labels and, where it is said, how many GPUs it offers by which resource. More than one where that is left open.</summary>
    public required IReadOnlyList<TemplateNode> Nodes { get; init; }

    /// <summary>Other nodes than <see cref="Nodes"/> may come, too.</summary>
    public bool IsOpen { get; init; }

    /// <summary>The most GPUs of all nodes together; null when nobody bounds them.</summary>
    public long? MostGpus { get; init; }

    /// <summary>The most nodes; null when nobody bounds them.</summary>
    public long? MostNodes { get; init; }

    /// <summary>A node with these labels is one of its.</summary>
    /// <param name="labels">The value of a label; null where there is no such label.</param>
    internal bool Selects(Func<string, string?> labels) => Selector.Count > 0 && Selector.All(label => labels(label.Key) == label.Value);
}

/// <summary>A node that may come.</summary>
/// <param name="Labels">It will have these.</param>
/// <param name="Resource">By which it offers GPUs.</param>
/// <param name="Gpus">How many; null when that is not said.</param>
public sealed record TemplateNode(IReadOnlyDictionary<string, string> Labels, string Resource, int? Gpus);
