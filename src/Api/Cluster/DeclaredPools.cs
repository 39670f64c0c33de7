using GpuMem.Api.GpuPools;
using GpuMem.Api.Json;
using GpuMem.Api.Nodes.Templates;

namespace GpuMem.Api.Cluster;

/// <summary>What is declared of each pool of a cluster, by administrators and by the templates of autoscalers and queues, while both change.</summary>
/// <param name="declare">Is told of a pool whose declaration has changed; null when nothing is declared of it any more.</param>
/// <param name="hasNodes">Whether there are nodes with GPUs that a template selects.</param>
internal sealed class DeclaredPools(Action<string, GpuPool?> declare, Func<NodeTemplate, bool> hasNodes)
{
    private readonly Lock _gate = new();

    private readonly Dictionary<string, GpuPool> _own = new(StringComparer.Ordinal);

    /// <summary>What was told of pools that have templates.</summary>
    private readonly Dictionary<string, byte[]> _told = new(StringComparer.Ordinal);

    private ILookup<string, NodeTemplate> _templates = Array.Empty<NodeTemplate>().ToLookup(template => template.Name);

    /// <param name="name">Of the pool.</param>
    /// <param name="declared">What an administrator says of it; null when that is gone.</param>
    public void Own(string name, GpuPool? declared)
    {
        lock (_gate)
        {
            if (declared is null)
                _own.Remove(name);
            else
                _own[name] = declared;
            if (_templates.Contains(name))
                Tell(name);
            else
                declare(name, declared);
        }
    }

    /// <summary>All templates there are now, in place of those before.</summary>
    public void Templates(IReadOnlyList<NodeTemplate> templates)
    {
        lock (_gate)
        {
            var before = _templates;
            _templates = templates.ToLookup(template => template.Name, StringComparer.Ordinal);
            foreach (var gone in before.Where(name => !_templates.Contains(name.Key)))
            {
                _told.Remove(gone.Key);
                declare(gone.Key, _own.GetValueOrDefault(gone.Key));
            }

            TellAll();
        }
    }

    /// <summary>Nodes came or went: a template of nodes that there are says less.</summary>
    public void NodesChanged()
    {
        lock (_gate)
            TellAll();
    }

    private void TellAll()
    {
        foreach (var pool in _templates)
            Tell(pool.Key);
    }

    private void Tell(string name)
    {
        var declared = _templates[name].Aggregate(_own.GetValueOrDefault(name), (said, template) => NodeTemplates.Declaration(said, template, hasNodes(template)));
        var now = declared is null ? [] : ApiJson.Default.Serialize(declared.Spec ?? new GpuPoolSpec());
        if (_told.TryGetValue(name, out var before) && before.AsSpan().SequenceEqual(now))
            return;
        _told[name] = now;
        declare(name, declared);
    }
}
