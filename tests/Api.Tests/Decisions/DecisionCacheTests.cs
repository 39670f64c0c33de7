using GpuMem.Api.Decisions;
using GpuMem.Api.Nodes;
using GpuMem.Api.Pods;
using GpuMem.Api.Tests.NodeLabels;
using GpuMem.Api.TrainingJobs;
using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Models;
using GpuMem.Kubernetes.Models;
using k8s.Models;

namespace GpuMem.Api.Tests.Decisions;

public sealed class DecisionCacheTests
{
    private static readonly string[] Specs =
    [
        Jobs.Easy, Jobs.Impossible, Jobs.Impossible + "\npolicy: {mode: Warn}", Jobs.Easy + "\npolicy: {rewrite: Always}",
        "model: {configMapKeyRef: {name: m, key: k}}\ntraining: {sequenceLength: 512}",
    ];

    [Fact]
    public void What_is_remembered_is_what_would_be_decided_anew_while_everything_changes()
    {
        var (random, cache, maps) = (new RandomPods(7), new DecisionCache(), new Maps());
        var (inventory, generation) = (random.Inventory(), 1);
        for (var step = 0; step < 600; step++)
        {
            if (random.Next(20) == 0)
                inventory = random.Inventory();
            if (random.Next(20) == 0)
                generation++;
            if (random.Next(20) == 0)
                maps.Model = random.Next(3) switch { 0 => null, 1 => Model("meta-llama/Llama-3.1-8B"), _ => Model("meta-llama/Llama-3.1-70B") };
            // Another spec is another generation; the other UID has the same generations.
            var spec = (generation + random.Next(2)) % Specs.Length;
            var job = Jobs.Of(Specs[spec]);
            (job.Metadata.Uid, job.Metadata.Generation) = ($"uid-{spec % 2}", spec / 2);
            var pod = Pod(random);
            var tie = new PodTie(job, null);

            Same(PodDecision.Validate(pod, tie, inventory, maps), PodDecision.Validate(pod, tie, inventory, maps, cache));
            Same(PodDecision.Validate(pod, tie, inventory, maps), PodDecision.Validate(pod, tie, inventory, maps, cache));
        }
    }

    [Fact]
    public void Five_hundred_and_twelve_equal_pods_cost_one_plan()
    {
        var (cache, inventory, tie) = (new DecisionCache(), Nodes.Inventory(Nodes.H100x8("h-0")), new PodTie(Jobs.Of(Jobs.Impossible), null));
        var answers = Enumerable.Range(0, 512).AsParallel().Select(_ => PodDecision.Validate(OneGpu(), tie, inventory, NoConfigMaps.Instance, cache)).ToList();

        Assert.Equal(1, cache.Count);
        Assert.All(answers, answer => Assert.Same(answers[0], answer));
    }

    [Fact]
    public void A_full_cache_forgets_the_oldest_and_stays_right()
    {
        var (cache, inventory, tie) = (new DecisionCache(), Nodes.Inventory(Nodes.H100x8("h-0")), new PodTie(Jobs.Of(Jobs.Impossible), null));
        PodDecision Ask(int zone)
        {
            var pod = OneGpu();
            pod.Spec!.NodeSelector = new Dictionary<string, string> { ["topology.kubernetes.io/zone"] = $"{zone}" };
            return PodDecision.Validate(pod, tie, inventory, NoConfigMaps.Instance, cache);
        }
        var (first, last) = (Ask(0), default(PodDecision));
        for (var zone = 1; zone <= DecisionCache.Most; zone++)
            last = Ask(zone);

        Assert.Equal(DecisionCache.Most, cache.Count);
        Assert.Same(last, Ask(DecisionCache.Most));
        Assert.NotSame(first, Ask(0));
        Same(first, Ask(0));
    }

    [Fact]
    public void A_pod_that_says_too_much_is_answered_and_not_remembered()
    {
        var (cache, inventory, tie) = (new DecisionCache(), Nodes.Inventory(Nodes.H100x8("h-0")), new PodTie(Jobs.Of(Jobs.Impossible), null));
        V1Pod[] pods = [OneGpu(), OneGpu(), OneGpu()];
        pods[0].Spec!.Tolerations = [.. Enumerable.Range(0, 1000).Select(i => new V1Toleration { Key = $"key-{i}", OperatorProperty = "Exists" })];
        pods[1].Spec!.NodeSelector = Enumerable.Range(0, 10_000).ToDictionary(i => $"key-{i}", _ => "x");
        pods[2].Spec!.NodeSelector = new Dictionary<string, string> { ["zone"] = new string('x', 3 << 20) };

        Assert.False(PodDecision.Validate(pods[0], tie, inventory, NoConfigMaps.Instance, cache).Allowed);
        Assert.All(pods, pod => Same(PodDecision.Validate(pod, tie, inventory, NoConfigMaps.Instance), PodDecision.Validate(pod, tie, inventory, NoConfigMaps.Instance, cache)));
        Assert.Equal(0, cache.Count);
    }

    private static void Same(PodDecision expected, PodDecision actual)
    {
        Assert.Equal((expected.Allowed, expected.Message), (actual.Allowed, actual.Message));
        Assert.Equal(expected.Warnings, actual.Warnings);
        Assert.Equal(expected.AuditAnnotations.OrderBy(note => note.Key), actual.AuditAnnotations.OrderBy(note => note.Key));
    }

    private static V1Pod OneGpu() => new() { Metadata = new V1ObjectMeta(), Spec = new V1PodSpec { Containers = [Container("nvidia.com/gpu", 1)] } };

    private static V1Pod Pod(RandomPods random)
    {
        var spec = random.Next(2) == 0 ? new V1PodSpec() : random.Pod();
        spec.Containers = [random.Next(5) switch { 0 => new V1Container(), 1 => Container("habana.ai/gaudi", 1), _ => Container("nvidia.com/gpu", 1 + random.Next(2)) }];
        return new V1Pod { Metadata = new V1ObjectMeta(), Spec = spec };
    }

    private static V1Container Container(string resource, int count) =>
        new() { Resources = new V1ResourceRequirements { Limits = new Dictionary<string, ResourceQuantity> { [resource] = new($"{count}") } } };

    private static ModelArchitecture Model(string name) => ModelCatalogue.TryFind(name, out var model, out var problem) ? model : throw new InvalidOperationException(problem);

    private sealed class Maps : IConfigMapModels
    {
        public ModelArchitecture? Model { get; set; }

        public bool TryGet(string? ns, ConfigMapKeyReference reference, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ModelArchitecture? model, [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out string? problem)
        {
            (model, problem) = (Model, Model is null ? "not read yet" : null);
            return model is not null;
        }
    }
}
