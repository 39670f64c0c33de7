using System.Text.Json.Nodes;
using GpuMem.Webhook.Tests.Support;

namespace GpuMem.Webhook.Tests.Endpoints;

public sealed class TrainingJobReviewTests
{
    private static readonly string Deep = string.Concat(Enumerable.Repeat("{\"a\":", 400)) + "1" + new string('}', 400);

    [Fact]
    public async Task A_job_that_fits_is_allowed_without_a_word()
    {
        var answer = await AskAsync(Review.OfJob(Review.Job(Example.Small)));
        Assert.Equal(["allowed", "uid"], answer.Select(member => member.Key).Order());
    }

    [Fact]
    public async Task A_job_that_does_not_fit_is_allowed_with_the_verdict_and_the_fixes_as_short_warnings()
    {
        var answer = await AskAsync(Review.OfJob(Review.Job(Example.TooLarge)));
        Assert.True((bool)answer["allowed"]!);
        var warnings = answer["warnings"]!.AsArray().Select(warning => (string)warning!).ToList();
        Assert.Contains("short", warnings[0]);
        Assert.StartsWith("fix: ", warnings[1]);
        Assert.All(warnings, warning => Assert.InRange(warning.Length, 1, 120));
    }

    [Fact]
    public async Task Long_names_do_not_make_long_warnings()
    {
        var pools = string.Join(", ", Enumerable.Range(0, 60).Select(i => $"\"pool-of-somebody-{i}\""));
        var spec = Example.With(Example.TooLarge, "placement", $$"""{"pools": [{{pools}}]}""");
        var answer = await AskAsync(Review.OfJob(Review.Job(spec)));
        Assert.All(answer["warnings"]!.AsArray(), warning => Assert.InRange(((string)warning!).Length, 1, 120));
    }

    [Fact]
    public async Task A_job_whose_policy_is_off_is_allowed_without_a_word()
    {
        var answer = await AskAsync(Review.OfJob(Review.Job(Example.With(Example.TooLarge, "policy", """{"mode": "Off"}"""))));
        Assert.Equal(["allowed", "uid"], answer.Select(member => member.Key).Order());
    }

    [Theory]
    [InlineData("""{"model": {"name": "meta-llama/Llama-3.1-8C"}, "training": {"sequenceLength": 8}}""", "model.name", "did you mean meta-llama/Llama-3.1-8B")]
    [InlineData("""{"model": {"name": ""}, "training": {"sequenceLength": 8}}""", "model.name", "meta-llama/Llama-3.1-8B")]
    [InlineData("""{"model": {"name": "meta-llama/Llama-3.1-8B", "parameters": "8B"}, "training": {"sequenceLength": 8}}""", "name and parameters are given", "exactly one")]
    [InlineData("""{"model": {"configMapKeyRef": {"name": "a", "key": "b"}, "parameters": "8B"}, "training": {"sequenceLength": 8}}""", "are given", "exactly one")]
    [InlineData("""{"model": {}, "training": {"sequenceLength": 8}}""", "none is given", "exactly one")]
    [InlineData("""{"training": {"sequenceLength": 8}}""", "none is given", "exactly one")]
    [InlineData("""{"model": {"parameters": "8 billion"}, "training": {"sequenceLength": 8}}""", "model.parameters", "7B")]
    [InlineData("""{"model": {"parameters": "99999999999T"}, "training": {"sequenceLength": 8}}""", "model.parameters", "")]
    [InlineData("""{"model": {"architecture": {"hiddenSize": 256}}, "training": {"sequenceLength": 8}}""", "model.architecture", "all needed")]
    [InlineData("""{"model": {"config": {"model_type": "llama"}}, "training": {"sequenceLength": 8}}""", "model.config", "hidden_size")]
    [InlineData("""{"model": {"parameters": "8B"}}""", "training.sequenceLength", "8192")]
    [InlineData("""{"model": {"parameters": "8B"}, "training": {"sequenceLength": 0}}""", "training.sequenceLength", "8192")]
    [InlineData("""{"model": {"parameters": "8B"}, "training": {"sequenceLength": -1}}""", "training.sequenceLength", "8192")]
    [InlineData("""{"model": {"parameters": "8B"}, "training": {"sequenceLength": 1000000000000000}}""", "training.sequenceLength", "8192")]
    [InlineData("""{"model": {"name": "meta-llama/Llama-3.1-8B"}, "training": {"sequenceLength": 8}, "parallelism": {"tensor": 3}}""", "parallelism.tensor", "cannot be divided by tensor 3")]
    [InlineData("""{"model": {"parameters": "8B"}, "training": {"sequenceLength": 8}, "parallelism": {"data": "Many"}}""", "parallelism.data", "or Auto")]
    [InlineData("""{"model": {"parameters": "8B"}, "training": {"sequenceLength": 8}, "parallelism": {"data": -8}}""", "parallelism.data", "1 or more")]
    [InlineData("""{"model": {"parameters": "8B"}, "training": {"sequenceLength": 8}, "policy": {"headroomPercent": 100}}""", "policy.headroomPercent", "between 0 and 99")]
    [InlineData("""{"model": {"parameters": "8B"}, "training": {"sequenceLength": 8, "method": "full"}}""", "spec.training.method", "Full, LoRA, QLoRA")]
    [InlineData("""{"model": {"parameters": "8B"}, "training": {"sequenceLength": 8, "recompute": 1}}""", "spec.training.recompute", "None, Selective, Full")]
    [InlineData("""{"model": {"parameters": "8B"}, "training": {"sequenceLength": 8}, "policy": {"mode": "enforce"}}""", "spec.policy.mode", "Off, Warn, Enforce")]
    [InlineData("""{"model": {"parameters": "8B"}, "training": {"sequenceLength": 1e400}}""", "spec.training.sequenceLength", "")]
    [InlineData("""{"model": {"parameters": "8B"}, "training": {"sequenceLength": 1.5}}""", "spec.training.sequenceLength", "")]
    [InlineData("""{"model": {"parameters": "8B"}, "training": {"sequenceLength": "8"}}""", "spec.training.sequenceLength", "")]
    [InlineData("""{"model": "8B", "training": {"sequenceLength": 8}}""", "spec.model", "")]
    [InlineData("""{"model": {"parameters": "8B"}, "training": {"sequenceLength": 8}, "template": {}, "targetRef": {"apiVersion": "batch/v1", "kind": "Job", "name": "x"}}""", "template", "not both")]
    [InlineData("[]", "spec", "")]
    [InlineData("null", "none is given", "exactly one")]
    public async Task What_cannot_be_is_denied_with_where_and_what_to_do(string spec, string where, string remedy)
    {
        var status = await DeniedAsync(Review.OfJob(Review.Job(spec)));
        var message = (string)status["message"]!;
        Assert.Equal((422, "Invalid"), ((int)status["code"]!, (string?)status["reason"]));
        Assert.Contains(where, message);
        Assert.Contains(remedy, message);
        Assert.InRange(message.Length, 10, 1000);
        Assert.DoesNotContain("GpuMem.", message);
        Assert.DoesNotContain("System.", message);
    }

    [Theory]
    [InlineData("Upper")]
    [InlineData("1st")]
    [InlineData("dotted.name")]
    [InlineData("dash-")]
    [InlineData("a-name-that-is-longer-than-the-fifty-two-characters-it-may-have")]
    public async Task A_name_that_cannot_become_a_host_name_is_denied(string name)
    {
        var status = await DeniedAsync(Review.OfJob(Review.Job(Example.Small, name)));
        Assert.StartsWith("metadata.name: ", (string?)status["message"]);
    }

    [Fact]
    public async Task All_problems_are_told_at_once()
    {
        var spec = """{"model": {"name": "meta-llama/Llama-3.1-8B"}, "training": {"sequenceLength": 0, "microBatchSize": 0}, "parallelism": {"tensor": 0}}""";
        var message = (string)(await DeniedAsync(Review.OfJob(Review.Job(spec))))["message"]!;
        Assert.All(["training.sequenceLength", "training.microBatchSize", "parallelism.tensor"], path => Assert.Contains(path, message));
    }

    [Fact]
    public async Task A_ConfigMap_that_may_still_come_is_a_warning()
    {
        var answer = await AskAsync(Review.OfJob(Review.Job("""{"model": {"configMapKeyRef": {"name": "a", "key": "b"}}, "training": {"sequenceLength": 8}}""")));
        Assert.True((bool)answer["allowed"]!);
        Assert.Contains("ConfigMap", (string?)answer["warnings"]![0]);
    }

    [Fact]
    public async Task A_ConfigMap_that_may_still_come_excuses_nothing_else()
    {
        var spec = """{"model": {"configMapKeyRef": {"name": "a", "key": "b"}}, "training": {"sequenceLength": 8}, "parallelism": {"data": "Many"}}""";
        Assert.Contains("parallelism.data", (string?)(await DeniedAsync(Review.OfJob(Review.Job(spec))))["message"]);
    }

    [Fact]
    public async Task A_config_nested_deeper_than_any_real_one_is_denied_as_its_authors_mistake()
    {
        var status = await DeniedAsync(Review.OfJob(Review.Job($$$"""{"model": {"config": {{{Deep}}} }, "training": {"sequenceLength": 8}}""")));
        Assert.Equal(422, (int)status["code"]!);
        Assert.Contains("nested at most 64 deep", (string?)status["message"]);
    }

    [Fact]
    public async Task A_template_nested_deeper_than_any_real_one_is_left_to_it()
    {
        var spec = Example.With(Example.Small, "suspend", "false")[..^1] + $", \"template\": {Deep}}}";
        Assert.True((bool)(await AskAsync(Review.OfJob(Review.Job(spec))))["allowed"]!);
    }

    [Fact]
    public async Task A_config_of_more_than_a_MiB_is_denied()
    {
        var config = $$"""{"hidden_size": 8, "padding": "{{new string('x', 2 << 20)}}"}""";
        var status = await DeniedAsync(Review.OfJob(Review.Job($$$"""{"model": {"config": {{{config}}} }, "training": {"sequenceLength": 8}}""")));
        Assert.Contains("1 MiB", (string?)status["message"]);
    }

    [Fact]
    public async Task Control_characters_of_the_author_do_not_reach_anybodys_terminal()
    {
        var status = await DeniedAsync(Review.OfJob(Review.Job("""{"model": {"name": "\u001b[31m\u0000\r\nred\u202e"}, "training": {"sequenceLength": 8}}""")));
        Assert.DoesNotContain((string)status["message"]!, c => char.IsControl(c) || c == '\u202e');
    }

    [Fact]
    public async Task An_update_that_leaves_the_spec_alone_passes_even_when_the_spec_would_be_denied_today()
    {
        var invalid = Review.Job("""{"model": {"name": "gone/from-the-catalogue"}, "training": {"sequenceLength": 8}}""");
        var finalized = invalid.Replace("\"name\": \"sft\"", "\"name\": \"sft\", \"finalizers\": []", StringComparison.Ordinal);
        Assert.True((bool)(await AskAsync(Review.OfJob(finalized, "UPDATE", invalid)))["allowed"]!);
    }

    [Fact]
    public async Task An_update_that_makes_the_spec_impossible_is_denied()
    {
        var status = await DeniedAsync(Review.OfJob(Review.Job("""{"model": {"parameters": "8 billion"}, "training": {"sequenceLength": 8}}"""), "UPDATE", Review.Job(Example.Small)));
        Assert.Equal(422, (int)status["code"]!);
    }

    private static async Task<JsonObject> AskAsync(string review)
    {
        await using var server = await WebhookServer.StartAsync(Example.Inventory(Example.Node("h100-0")));
        return await server.AskAsync("/validate-trainingjob", review);
    }

    private static async Task<JsonObject> DeniedAsync(string review)
    {
        var answer = await AskAsync(review);
        Assert.False((bool)answer["allowed"]!);
        Assert.Null(answer["warnings"]);
        return answer["status"]!.AsObject();
    }
}
