namespace GpuMem.Cli.Tests;

/// <summary>Each error names what is wrong, where, and what to do.</summary>
public sealed class EstimateErrorTests
{
    [Theory]
    [InlineData("--model meta-llama/Llama-3.1-8C -s 8", "model.name", "did you mean meta-llama/Llama-3.1-8B")]
    [InlineData("--model llama -s 8", "model.name")]
    [InlineData("--parameters many -s 8", "model.parameters", "7B")]
    [InlineData("-s 8", "which model?", "--model NAME")]
    [InlineData("--model a --parameters 7B -s 8", "--model, --config, --parameters and --architecture")]
    [InlineData("--parameters 7B", "training.sequenceLength", "8192")]
    [InlineData("--parameters 7B -s 0", "training.sequenceLength", "8192")]
    [InlineData("--parameters 7B -s -1", "training.sequenceLength")]
    [InlineData("--parameters 7B -s 1000000000000000", "training.sequenceLength")]
    [InlineData("--parameters 7B -s 99999999999999999999", "--sequence-length", "whole number")]
    [InlineData("--parameters 7B -s 8k", "--sequence-length 8k", "whole number")]
    [InlineData("--parameters 7B -s 8 -b 0", "training.microBatchSize")]
    [InlineData("--parameters 7B -s 8 --gpus 6 --tensor 4", "--gpus 6", "multiple of 4")]
    [InlineData("--parameters 7B -s 8 --gpus 0", "--gpus 0")]
    [InlineData("--parameters 7B -s 8 --gpus 8 --tensor 0", "tensor")]
    [InlineData("--parameters 7B -s 8 --data few", "parallelism.data", "Auto")]
    [InlineData("--parameters 7B -s 8 --data Auto", "--gpu", "--gpus")]
    [InlineData("--model meta-llama/Llama-3.1-8B -s 8 --tensor 3", "parallelism.tensor", "cannot be divided by tensor 3")]
    [InlineData("--parameters 7B -s 8 --gpu h1000", "--gpu h1000", "gpumem gpus lists all")]
    [InlineData("--parameters 7B -s 8 --gpu h100-sxm5", "--gpu h100-sxm5", "did you mean NVIDIA H100 SXM 80GB?")]
    [InlineData("--parameters 7B -s 8 --method Half", "Half", "QLoRA")]
    [InlineData("--parameters 7B -s 8 --method 7", "7", "QLoRA")]
    [InlineData("--parameters 7B -s 8 --optimizer Adam", "Adam", "AdamW")]
    [InlineData("--parameters 7B -s 8 --method LoRA --lora-rank 0", "training.lora.rank")]
    [InlineData("--parameters 7B -s 8 --method LoRA --lora-target nonsense", "training.lora.targetModules", "q_proj")]
    [InlineData("--parameters 7B -s 8 -o xml", "xml", "json")]
    [InlineData("--architecture hidden -s 8", "--architecture", "hiddenSize: 4096")]
    [InlineData("--architecture {hiddenSize:4096} -s 8", "model.architecture", "are all needed")]
    [InlineData("--parameters 7B -s 8 --stage 1", "--stage 1", "stages 0 to 0")]
    [InlineData("--parameters 7B -s 8 --trainer Nanotron --method LoRA", "training.trainer", "training.method", "method Full")]
    [InlineData("--parameters 7B -s 8 --quantization NF4", "training.quantization", "method QLoRA")]
    [InlineData("--parameters 7B -s 8 --moments-type INT8", "training.dataTypes.moments", "training.optimizer AdamW", "AdamW8bit")]
    [InlineData("--parameters 7B -s 8 --offload-optimizer NVMe", "training.offload", "DeepSpeed")]
    [InlineData("--parameters 7B -s 8 --nonsense", "--nonsense")]
    [InlineData("--parameters 7B -s", "-s")]
    [InlineData("--parameters 7B -s 8 --gpus", "--gpus")]
    [InlineData("--parameters 7B -s 8 --method", "--method")]
    [InlineData("-f /no/such/file.yaml", "/no/such/file.yaml", "no such file")]
    [InlineData("--config /no/such/config.json -s 8", "/no/such/config.json", "no such file")]
    public async Task A_wrong_flag_is_answered_with_what_is_wrong_and_what_to_do(string flags, params string[] says) =>
        (await Run.Of(["estimate", .. flags.Split(' ')])).Failed(says);

    [Theory]
    [InlineData("hello", "config.json", "not JSON")]
    [InlineData("[]", "config.json", "must be a JSON object")]
    [InlineData("null", "config.json", "must be a JSON object")]
    [InlineData("", "config.json", "not JSON")]
    [InlineData("{}", "config.json")]
    [InlineData("""{"model_type": "llama", "hidden_size": -4}""", "config.json", "hidden_size")]
    [InlineData("""{"model_type": "llama", "hidden_size": 1e400}""", "config.json", "hidden_size")]
    public async Task A_config_that_is_none_is_told_by_its_path(string text, params string[] says)
    {
        using var folder = new Folder();
        (await Run.Of("estimate", "--config", folder.Write("config.json", text), "-s", "8")).Failed([folder.Path, .. says]);
    }

    [Fact]
    public async Task A_config_of_ten_megabytes_is_refused()
    {
        using var folder = new Folder();
        (await Run.Of("estimate", "--config", folder.Write("model.json", new string(' ', 10_000_000)), "-s", "8")).Failed("model.json", "1 MiB");
    }

    [Fact]
    public async Task A_config_nested_ten_thousand_deep_is_refused()
    {
        using var folder = new Folder();
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 10_000)) + "1" + new string('}', 10_000);
        (await Run.Of("estimate", "--config", folder.Write("model.json", deep), "-s", "8")).Failed("model.json", "64 deep");
    }

    [Theory]
    [InlineData("kind: TrainingJob\nspec:", "which model?")]
    [InlineData("kind: TrainingJob\nspec: {model: {name: a, parameters: 7B}, training: {sequenceLength: 8}}", "exactly one")]
    [InlineData("kind: TrainingJob\nspec: {training: {method: Half}}", "job.yaml", "spec.training.method", "Full, LoRA, QLoRA")]
    [InlineData("kind: TrainingJob\nspec: {training: {sequenceLength: long}}", "job.yaml", "spec.training.sequenceLength")]
    [InlineData("kind: TrainingJob\nspec: {training: {recomputed: Full}}", "job.yaml", "spec.training.recomputed", "no such field")]
    [InlineData("kind: TrainingJob\nspec: 7", "job.yaml", "spec")]
    [InlineData("kind: Pod", "job.yaml", "exactly one TrainingJob")]
    [InlineData("kind: Deployment", "job.yaml", "Deployment", "none of Pod, TrainingJob")]
    [InlineData("- a", "job.yaml", "not an object")]
    [InlineData("hello", "job.yaml", "not an object")]
    [InlineData("", "job.yaml", "exactly one TrainingJob")]
    [InlineData("kind: [", "job.yaml", "line")]
    [InlineData("kind: TrainingJob\nkind: Pod", "job.yaml", "line 2", "twice")]
    public async Task A_manifest_that_cannot_be_is_told_by_path_and_field(string yaml, params string[] says)
    {
        using var folder = new Folder();
        (await Run.Of("estimate", "-f", folder.Write("job.yaml", yaml))).Failed(says);
    }
}
