namespace GpuMem.Kubernetes;

/// <summary>What tells objects of one kind apart; the namespace is empty for cluster-scoped ones.</summary>
public readonly record struct NamespacedName(string Namespace, string Name)
{
    public NamespacedName(string name)
        : this("", name)
    {
    }

    public static NamespacedName Of(IMetadata<V1ObjectMeta> entity) => new(entity.Namespace() ?? "", entity.Name() ?? "");

    public override string ToString() => Namespace.Length == 0 ? Name : $"{Namespace}/{Name}";
}
