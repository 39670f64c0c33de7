using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using GpuMem.Api.Cluster;
using GpuMem.Api.Nodes;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;

namespace GpuMem.Api.Decisions;

/// <summary>
/// Decisions about pods, remembered while what they were made from stays: the generation of the job or server, its model, what the pod says that can change the
/// answer, and the pools. The 512 equal pods of a workload cost one plan. Bounded: the oldest is forgotten.
/// </summary>
public sealed class DecisionCache
{
    /// <summary>At most about eight MiB: an answer has at most a thousand characters, and a pod's own words four thousand.</summary>
    public const int Most = 1024;

    private static readonly Meter Meter = new(ClusterMeter.Name);

    private static readonly Counter<long> Asked = Meter.CreateCounter<long>("gpumem_decisions_total", null, "Decisions about pods, by whether they were remembered");

    private readonly Lock _gate = new();

    private readonly Dictionary<Key, Lazy<object>> _known = [];

    private readonly Queue<Key> _byAge = [];

    private PoolInventory? _inventory;

    /// <summary>Makes its instruments, without waiting for something to measure.</summary>
    public static void PublishInstruments() => RuntimeHelpers.RunClassConstructor(typeof(DecisionCache).TypeHandle);

    /// <summary>Decisions that are remembered now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _known.Count;
        }
    }

    /// <param name="question">What is asked about the pod, by its value: answers to different questions are kept apart.</param>
    /// <param name="decide">Makes the decision; asked once for equal pods, also when they come at the same time.</param>
    internal T Of<T>(object question, IPodDescription described, V1PodSpec pod, PoolInventory inventory, IConfigMapModels configMaps, Func<T> decide)
        where T : class
    {
        if (PodWishes.Of(pod) is not { } wishes)
        {
            Asked.Add(1, new KeyValuePair<string, object?>("remembered", "never"));
            return decide();
        }
        var key = new Key(question, Identity(described), described.Generation() ?? 0, Model(described, configMaps), wishes);
        var (answer, isNew) = Find(key, inventory, decide);
        Asked.Add(1, new KeyValuePair<string, object?>("remembered", isNew ? "no" : "yes"));
        try
        {
            return (T)answer.Value;
        }
        catch
        {
            // A fault of ours is not an answer.
            Forget(key, answer);
            throw;
        }
    }

    private (Lazy<object> Answer, bool IsNew) Find<T>(Key key, PoolInventory inventory, Func<T> decide)
        where T : class
    {
        lock (_gate)
        {
            if (!ReferenceEquals(_inventory, inventory))
            {
                _known.Clear();
                _byAge.Clear();
                _inventory = inventory;
            }
            if (_known.TryGetValue(key, out var known))
                return (known, false);
            if (_byAge.Count >= Most)
                _known.Remove(_byAge.Dequeue());
            var answer = new Lazy<object>(decide);
            _known[key] = answer;
            _byAge.Enqueue(key);
            return (answer, true);
        }
    }

    private void Forget(Key key, Lazy<object> answer)
    {
        lock (_gate)
            // Its place in the line of ages stays: all that comes of it is that the same question is forgotten a little early.
            if (_known.TryGetValue(key, out var known) && ReferenceEquals(known, answer))
                _known.Remove(key);
    }

    /// <summary>What comes from a file has no UID: then it is itself and no other.</summary>
    private static object Identity(IPodDescription described) => described is { Metadata: { Uid: { Length: > 0 } uid, Generation: not null } } ? uid : described;

    /// <summary>The model that a ConfigMap holds now, or why there is none; null when none is named.</summary>
    private static object? Model(IPodDescription described, IConfigMapModels configMaps) =>
        described.Model?.ConfigMapKeyRef is not { } reference ? null
        : configMaps.TryGet(described.Namespace(), reference, out var model, out var problem) ? new Same(model)
        : problem;

    private readonly record struct Key(object Question, object Described, long Generation, object? Model, string Wishes);

    /// <summary>Equal only to the same object: comparing models field by field would cost more than it saves.</summary>
    private sealed class Same(object value)
    {
        private readonly object _value = value;

        public override bool Equals(object? obj) => obj is Same other && ReferenceEquals(other._value, _value);

        public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(_value);
    }
}
