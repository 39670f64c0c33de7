using GpuMem.Api.Decisions;
using GpuMem.Api.Nodes;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;
using GpuMem.Planning;

namespace GpuMem.Api.Tests.Decisions;

public sealed class JobDecisionTests
{
    private static readonly PoolInventory Inventory = Nodes.Inventory(Nodes.H100x8("h-0"));

    [Fact]
    public void A_job_that_fits_has_its_place_and_the_pools_selector()
    {
        var decision = Of(Jobs.Easy);

        Assert.Equal((Verdict.Fits, false, false), (decision.Plan.Verdict, decision.Denies, decision.Warns));
        Assert.Equal("h100", decision.Entry!.NodeSelector["karpenter.sh/nodepool"]);
    }

    [Fact]
    public void A_refused_job_has_no_place()
    {
        var decision = Of(Jobs.Impossible);

        Assert.True(decision.Denies);
        Assert.Null(decision.Placement);
        Assert.Null(decision.Entry);
    }

    [Theory]
    [InlineData("Warn", true)]
    [InlineData("Off", false)]
    public void A_job_that_is_only_warned_goes_where_it_comes_nearest(string mode, bool warns)
    {
        var decision = Of($"{Jobs.Impossible}\npolicy: {{mode: '{mode}'}}");

        Assert.Equal((false, warns), (decision.Denies, decision.Warns));
        Assert.NotNull(decision.Placement);
    }

    [Fact]
    public void The_templates_own_selector_binds_the_job() =>
        Assert.Empty(Of(Jobs.Easy + "\ntemplate: {spec: {nodeSelector: {karpenter.sh/nodepool: other}, containers: [{}]}}").Plan.Candidates);

    [Fact]
    public void Gpus_that_the_template_fixes_are_kept()
    {
        const string template = "\ntemplate: {spec: {containers: [{resources: {limits: {nvidia.com/gpu: 2}}}]}}";
        var auto = Jobs.Easy.Replace("data: 1", "data: 4", StringComparison.Ordinal);

        Assert.Equal(2, Of(auto + template).Placement!.GpusPerNode);
        Assert.Equal(4, Of(auto + template + "\npolicy: {rewrite: Always}").Placement!.GpusPerNode);
    }

    /// <summary>Adapters over 15 GiB of weights, on a seventh of a GPU of 79.</summary>
    [Theory]
    [InlineData("runai-scheduler", "Impossible")]
    [InlineData("kai-scheduler", "AtRisk")]
    public void A_fraction_that_the_template_asks_for_by_annotation_is_all_that_the_job_gets(string scheduler, string verdict)
    {
        var decision = Of("model: {name: meta-llama/Llama-3.1-8B}\ntraining: {method: LoRA, sequenceLength: 1024, recompute: Full}\nparallelism: {data: 1, sharding: None}\ntemplate: {metadata: {annotations: {gpu-fraction: '0.15'}}, spec: {schedulerName: "
            + scheduler + ", containers: [{name: a}]}}");

        Assert.Equal((verdict, 1), (decision.Plan.Verdict.ToString(), decision.Plan.Best!.GpusPerNode));
        Assert.Empty(PodRewrite.Operations((System.Text.Json.Nodes.JsonObject)decision.Job.Spec!.Template!, decision));
    }

    [Fact]
    public void An_absurd_count_in_the_template_is_a_problem_of_the_job_and_no_crash() => Assert.Equal(Verdict.Invalid,
        Of(Jobs.Easy + "\ntemplate: {spec: {containers: [{resources: {limits: {nvidia.com/gpu: 9000000000}}}, {resources: {limits: {nvidia.com/gpu: 9000000000}}}]}}").Plan.Verdict);

    [Theory]
    [InlineData("model: {config: CONFIG}")]
    [InlineData("model: {config: {model_type: llava, text_config: CONFIG}}")]
    public void A_model_of_an_unknown_family_is_never_denied_and_always_told(string model)
    {
        const string config = "{model_type: brand_new, hidden_size: 8192, num_hidden_layers: 80, num_attention_heads: 64, intermediate_size: 28672, vocab_size: 128256}";
        var spec = model.Replace("CONFIG", config, StringComparison.Ordinal) + "\ntraining: {sequenceLength: 1024}\nparallelism: {data: 1}";
        var decision = Of(spec + "\npolicy: {unknownCapacity: Deny}");

        Assert.Equal((Verdict.Unknown, false, true), (decision.Plan.Verdict, decision.Denies, decision.Warns));
        Assert.Contains("sized like Llama ('brand_new' is not known)", decision.Line, StringComparison.Ordinal);
    }

    [Fact]
    public void Claims_and_other_devices_are_never_denied_but_where_policy_denies_what_is_unknown()
    {
        const string claims = "\ntemplate: {spec: {resourceClaims: [{name: gpu}], containers: [{}]}}";

        Assert.False(Of(Jobs.Impossible + claims).Denies);
        Assert.True(Of(Jobs.Impossible + claims + "\npolicy: {unknownCapacity: Deny}").Denies);
    }

    [Fact]
    public void The_words_fit_where_they_are_shown()
    {
        Assert.InRange(Of(Jobs.Impossible).Line.Length, 1, 120);
        Assert.InRange(Of(Jobs.Impossible).Text.Length, 1, 1000);
        Assert.Contains("kubectl describe trainingjob/job", Of(Jobs.Impossible).Text, StringComparison.Ordinal);
    }

    private static JobDecision Of(string spec) => JobDecision.Of(Jobs.Of(spec), Inventory, NoConfigMaps.Instance);
}
