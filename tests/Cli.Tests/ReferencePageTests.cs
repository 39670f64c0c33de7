namespace GpuMem.Cli.Tests;

/// <summary>The reference is what the command writes of the schemas and flags, and no flag is left out of it.</summary>
public sealed class ReferencePageTests
{
    /// <summary>Flags of the question, not of what is asked about.</summary>
    private static readonly string[] Questions = ["--output", "--gpu", "--stage", "--filename", "--smallest", "--help", "--namespace", "--prometheus", "--over", "--kubeconfig", "--context", "--nodes", "--pools", "--watch"];

    [Fact]
    public async Task The_page_is_written_by_the_command_that_it_names()
    {
        using var folder = new Folder();
        var page = Path.Combine(folder.Path, "reference.md");
        Assert.Equal((0, ""), ((await Run.Of("crd", "--page", page)).Status, (await Run.Of("crd", "--page", page)).Output));

        var written = await File.ReadAllTextAsync(page);
        Assert.True(written == await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "docs", "reference.md")), "docs/reference.md is stale; renew it with gpumem crd --page docs/reference.md");
    }

    [Theory]
    [InlineData("| `training.lora.rank` | number from 1 to 65536 | 16 | `--lora-rank` | Rank of the adapters. |")]
    [InlineData("| `parallelism.tensor` | Auto or a number from 1 to 1000000 | 1 | `--tensor` | Tensor parallel size; must divide the attention heads. Auto: the best, inside the NVLink domain. Example: Auto. |")]
    [InlineData("| `model.architecture.layers` | number from 1 to 10000 | (needed) | `--architecture` | Decoder layers (num_hidden_layers). Example: 32. |")]
    [InlineData("| `training.lora.targetModules` | list of texts | all of a block | `--lora-target`, repeated | Linear layers with adapters. Example: [q_proj, v_proj]. |")]
    [InlineData("| `cudaGraphs` | true or false | true | `--enforce-eager` for false | Graphs of the decoding step are captured. |")]
    [InlineData("| `cacheType` | FP32, FP16, BF16, FP8, INT8, NVFP4, Q8, Q4, FP8DeepSeek | BF16 | `--kv-cache-dtype`, `--cache-type-k` | Type of keys and values in the cache (vLLM kv_cache_dtype). |")]
    [InlineData("| `placement.pools` | list of texts | any |  | Names of GPU pools the job may use. Example: [h100, h200]. |")]
    public void A_field_has_its_type_its_default_its_flag_and_its_meaning(string line) =>
        Assert.Contains(line, File.ReadLines(Path.Combine(RepositoryRoot.Path, "docs", "reference.md")));

    [Theory]
    [InlineData("estimate", "TrainingJob")]
    [InlineData("explain", "TrainingJob")]
    [InlineData("plan", "TrainingJob")]
    [InlineData("inference", "ModelServer")]
    public async Task Every_flag_sets_a_field_of_the_reference(string command, string kind) =>
        Assert.Equal(
            FieldTable.Flags((await Run.Of(command, "--help")).Output).Except(Questions).Order(StringComparer.Ordinal),
            FieldTable.Lines(kind).SelectMany(line => FieldTable.Flags(line.Flag)).Distinct().Order(StringComparer.Ordinal));
}
