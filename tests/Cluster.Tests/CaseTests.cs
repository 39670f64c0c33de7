using GpuMem.TestKit;

namespace GpuMem.Cluster.Tests;

/// <summary>What is scored is what a cluster takes, and what contradicts itself is what it refuses.</summary>
public sealed class CaseTests(ControlPlane controlPlane) : IClassFixture<ControlPlane>
{
    // A group of its own keeps it apart from what the chart installs into the same API server.
    private const string Group = "case-test.example.com";

    private static readonly Version RulesByDefault = new(1, 25);

    [ClusterFact]
    public async Task Every_measured_run_is_taken_under_strict_validation_and_every_contradiction_is_refused_by_its_rule()
    {
        var crd = await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "config", "crd", "trainingjobs.yaml"));
        var folder = Directory.CreateTempSubdirectory("gpumem-");
        try
        {
            await controlPlane.ApplyAsync(crd.Replace("gpumem.io", Group, StringComparison.Ordinal), "--validate=false");
            await OkAsync("wait", "--for=condition=Established", "--timeout=60s", $"crd/trainingjobs.{Group}");

            var jobs = await ManifestsAsync(folder.FullName);
            var (exitCode, output, error) = await CreateAsync(string.Join("---\n", jobs));
            Assert.True(exitCode == 0, error);
            Assert.Equal(jobs.Count, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

            if (controlPlane.ServerVersion >= RulesByDefault)
                await ContradictionsAreRefusedAsync();
        }
        finally
        {
            folder.Delete(recursive: true);
            await controlPlane.KubectlAsync("delete", "crd", $"trainingjobs.{Group}", "--ignore-not-found");
        }
    }

    private async Task ContradictionsAreRefusedAsync()
    {
        (string Settings, string Says)[] contradictions =
        [
            ("training: {sequenceLength: 1, trainerVersion: '5'}", "name the trainer"),
            ("training: {sequenceLength: 1, trainer: Megatron, method: LoRA}", "set method Full"),
            ("training: {sequenceLength: 1, quantization: {scheme: NF4}}", "set method QLoRA"),
            ("training: {sequenceLength: 1, recomputeModules: [mlp]}", "recompute Selective"),
            ("training: {sequenceLength: 1, offload: {optimizer: NVMe}}", "DeepSpeed"),
            ("training: {sequenceLength: 1, rollout: {groupSize: 4}}", "objective GRPO, RLOO or PPO"),
            ("training: {sequenceLength: 1, rewardModel: true}", "rewardModel scores completions"),
            ("training: {sequenceLength: 1, objective: GRPO, valueTraining: InTurn}", "the value model of objective PPO"),
            ("training: {sequenceLength: 1, objective: PPO, valueTraining: Together, offload: {betweenSteps: true}}", "take one away"),
            ("training: {sequenceLength: 1, dataTypes: {weights: TF32}}", "weights are kept in"),
            ("training: {sequenceLength: 1, dataTypes: {adapters: FP8}}", "adapters are kept in"),
            ("training: {sequenceLength: 1}\n  parallelism: {virtualStages: 2}", "schedule Interleaved"),
            ("training: {sequenceLength: 1}\n  parallelism: {expertPadding: true}", "expertCapacityPercent"),
        ];
        foreach (var (settings, says) in contradictions)
        {
            var (exitCode, _, error) = await CreateAsync($"apiVersion: {Group}/v1alpha1\nkind: TrainingJob\nmetadata: {{name: a}}\nspec:\n  model: {{parameters: 7B}}\n  {settings}\n");
            Assert.True(exitCode != 0, $"{settings} was taken");
            Assert.Contains(says, error, StringComparison.Ordinal);
        }
    }

    private static async Task<List<string>> ManifestsAsync(string folder)
    {
        var cases = Path.Combine(RepositoryRoot.Path, "tests", "Evaluation.Tests", "Cases", "cases.dev.jsonl");
        var (exitCode, _, error) = await Script.RunAsync(GpuMemExecutable.Program, GpuMemExecutable.Arguments("evaluate", cases, "--as-manifests", folder, "--json"));
        Assert.True(exitCode == 0, error);
        return [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllText)
            .Where(text => text.Contains("kind: TrainingJob", StringComparison.Ordinal))
            .Select(text => text.Replace("gpumem.io/v1alpha1", $"{Group}/v1alpha1", StringComparison.Ordinal))];
    }

    private Task<(int ExitCode, string Output, string Error)> CreateAsync(string yaml) =>
        controlPlane.KubectlWithInputAsync(yaml, "create", "--dry-run=server", "--validate=strict", "--namespace", "default", "-f", "-");

    private async Task OkAsync(params string[] args)
    {
        var (exitCode, output, error) = await controlPlane.KubectlAsync(args);
        Assert.True(exitCode == 0, $"kubectl {string.Join(' ', args)} failed:\n{output}{error}");
    }
}
