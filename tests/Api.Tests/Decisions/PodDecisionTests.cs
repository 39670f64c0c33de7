using GpuMem.Api.Decisions;
using GpuMem.Api.Nodes;
using GpuMem.Api.TrainingJobs;
using GpuMem.Kubernetes;
using GpuMem.Kubernetes.Models;

namespace GpuMem.Api.Tests.Decisions;

public sealed class PodDecisionTests
{
    private static readonly PoolInventory Inventory = Nodes.Inventory(Nodes.H100x8("h-0"), Nodes.A10G("a-0"));

    private static readonly PoolInventory UnknownMemory = Nodes.Inventory(Nodes.Of("u-0", 8));

    private const string OneGpu = "{spec: {containers: [{resources: {limits: {nvidia.com/gpu: 1}}}]}}";

    [Fact]
    public void What_cannot_fit_is_refused_with_words()
    {
        var decision = Validate(Jobs.Impossible);

        Assert.False(decision.Allowed);
        Assert.InRange(decision.Message!.Length, 1, 1000);
        Assert.Contains("short", decision.Message, StringComparison.Ordinal);
        Assert.Contains("Fix:", decision.Message, StringComparison.Ordinal);
        Assert.Empty(decision.Warnings);
    }

    [Fact]
    public void What_fits_is_allowed_without_a_word()
    {
        var decision = Validate(Jobs.Easy);

        Assert.True(decision.Allowed);
        Assert.Null(decision.Message);
        Assert.Empty(decision.Warnings);
    }

    [Fact]
    public void Warn_says_it_and_admits()
    {
        var decision = Validate(Jobs.Impossible + "\npolicy: {mode: Warn}");

        Assert.True(decision.Allowed);
        Assert.InRange(Assert.Single(decision.Warnings).Length, 1, 120);
    }

    [Fact]
    public void Off_says_nothing() => Assert.Equal(PodDecision.NotOurs, Validate(Jobs.Impossible + "\npolicy: {mode: 'Off'}"));

    [Fact]
    public void Unknown_memory_is_admitted_with_a_warning_unless_policy_denies()
    {
        Assert.True(Validate(Jobs.Impossible, UnknownMemory).Allowed);
        Assert.Single(Validate(Jobs.Impossible, UnknownMemory).Warnings);
        Assert.False(Validate(Jobs.Impossible + "\npolicy: {unknownCapacity: Deny}", UnknownMemory).Allowed);
        Assert.True(Validate(Jobs.Impossible + "\npolicy: {unknownCapacity: Deny, mode: Warn}", UnknownMemory).Allowed);
    }

    [Fact]
    public void Without_any_pool_nothing_is_refused() => Assert.True(Validate(Jobs.Impossible, PoolInventory.Empty).Allowed);

    [Theory]
    [InlineData("model: {name: no/such-model}\ntraining: {sequenceLength: 1}")]
    [InlineData("model: {parameters: 7B, name: meta-llama/Llama-3.1-8B}\ntraining: {sequenceLength: 1}")]
    [InlineData("training: {}")]
    [InlineData("model: {configMapKeyRef: {name: m, key: k}}\ntraining: {sequenceLength: 1}")]
    [InlineData(Jobs.Impossible + "\npolicy: {headroomPercent: 100}")]
    public void An_invalid_job_never_refuses_a_pod(string spec)
    {
        var decision = Validate(spec);

        Assert.True(decision.Allowed);
        Assert.StartsWith("cannot run:", Assert.Single(decision.Warnings), StringComparison.Ordinal);
        Assert.Equal("Invalid", decision.AuditAnnotations["verdict"]);
    }

    [Fact]
    public void A_label_without_its_job_is_admitted_with_a_warning()
    {
        var decision = PodDecision.Validate(Pod(OneGpu), new PodTie(null, "no such job"), Inventory, NoConfigMaps.Instance);

        Assert.True(decision.Allowed);
        Assert.Equal(["no such job"], decision.Warnings);
    }

    [Fact]
    public void Pods_that_no_job_describes_are_allowed_silently() =>
        Assert.Equal(PodDecision.NotOurs, PodDecision.Validate(Pod(OneGpu), PodTie.None, Inventory, NoConfigMaps.Instance));

    [Fact]
    public void The_audit_log_gets_verdict_sizes_and_pool()
    {
        var audit = Validate(Jobs.Easy).AuditAnnotations;

        Assert.Equal("Fits", audit["verdict"]);
        Assert.True(long.Parse(audit["estimate-mib"], System.Globalization.CultureInfo.InvariantCulture) < long.Parse(audit["capacity-mib"], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Contains(audit["pool"], Inventory.Pools.Select(pool => pool.Name));
        Assert.NotEmpty(audit["formula-version"]);
    }

    [Fact]
    public void Only_pools_that_the_pod_reaches_count()
    {
        const string spec = """
            model: {name: meta-llama/Llama-3.1-8B}
            training: {sequenceLength: 1024, method: LoRA, recompute: Full, loss: Chunked}
            parallelism: {data: 1, sharding: None}
            """;
        var large = Validate(spec, pod: OneGpu);
        var small = Validate(spec, Nodes.Inventory(Nodes.H100x8("h-0"), Nodes.Of("t-0", 4, ("agentpool", "tiny"), (GpuNode.ProductLabel, "GPU"), (GpuMemoryLabel.Key, "8192"))),
            "{spec: {nodeSelector: {agentpool: tiny}, containers: [{resources: {limits: {nvidia.com/gpu: 1}}}]}}");

        Assert.True(large.Allowed);
        Assert.False(small.Allowed);
        Assert.Equal("tiny", small.AuditAnnotations["pool"]);
    }

    [Fact]
    public void A_gpu_in_turns_is_a_risk_and_no_rejection()
    {
        var turns = Nodes.Inventory(Nodes.H100x8("h-0", "h100", ("nvidia.com/gpu.sharing-strategy", "time-slicing"), ("nvidia.com/gpu.replicas", "64")));

        Assert.True(Validate(Jobs.Easy, turns).Allowed);
        Assert.Equal("AtRisk", Validate(Jobs.Easy, turns).AuditAnnotations["verdict"]);
    }

    private static PodDecision Validate(string spec, PoolInventory? inventory = null, string pod = OneGpu) =>
        PodDecision.Validate(Pod(pod), new PodTie(Jobs.Of(spec), null), inventory ?? Inventory, NoConfigMaps.Instance);

    private static V1Pod Pod(string yaml) => KubernetesYaml.LoadAllFromString<V1Pod>(yaml)[0];
}
