namespace GpuMem.Cli.Tests;

/// <summary>
/// The executable as it is shipped, the native one where GPUMEM_BINARY names it, says what the same code says inside this process: nothing that
/// a command needs was lost on the way.
/// </summary>
public sealed class ExecutableTests : IDisposable
{
    private const string Job = """
        kind: TrainingJob
        metadata: {name: sft}
        spec: {model: {name: meta-llama/Llama-3.1-8B}, training: {sequenceLength: 1024, recompute: Full}}
        ---
        kind: Pod
        metadata: {name: trainer, labels: {gpumem.io/training-job: sft}}
        spec: {containers: [{name: trainer, image: pytorch}]}
        """;

    private const string Cases = """
        {"id":"a","group":"a","source":"a document","framework":"PyTorchFsdp2","frameworkVersion":null,"trainer":"Torchtitan","mode":"Pretrain","model":{"id":"meta-llama/Llama-3.1-8B","architecture":{"hiddenSize":4096,"layers":32,"heads":32,"kvHeads":8,"headDim":128,"ffnHiddenSize":14336,"vocabSize":128256,"tiedEmbeddings":false,"gatedMlp":true,"norm":"RMSNorm","bias":false,"positional":"Rope","moe":null,"mla":null},"parameters":8030261248},"precision":{"compute":"Bf16","parameters":"Fp32","masterParameters":null,"gradients":"Fp32","extraGradients":null,"optimizerStates":"Fp32"},"optimizer":"AdamW","optimizerInBackward":false,"foreachOptimizer":false,"sharding":{"zeroStage":0,"fsdp":"FullShard","distributedOptimizer":false},"parallel":{"gpus":8,"tensor":1,"pipeline":1,"context":1,"expert":1,"data":8,"sequenceParallel":false,"pipelineSchedule":"None","virtualStages":1,"rank":"Any"},"batch":{"microBatch":1,"sequenceLength":8192,"gradientAccumulation":1,"padded":false},"recompute":"Full","attention":"Sdpa","loss":"FullLogits","compile":false,"offload":{"parameters":"None","optimizer":"None","activations":false},"lora":null,"quantization":null,"inference":null,"gpu":{"name":"H100","memoryGiB":79.1},"measured":{"metric":"Reserved","gib":33.0,"component":null},"confidence":"High","assumed":["loss"],"note":""}

        """;

    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("estimate -m llama-3.1-8b -s 8192 --gpus 8 --gpu h100-80gb")]
    [InlineData("estimate -m llama-3.1-8b -s 8192 --gpus 8 --gpu h100-80gb -o wide")]
    [InlineData("estimate -m deepseek-ai/DeepSeek-V3 -s 4096 -o json")]
    [InlineData("estimate --parameters 7B -s 2048 -o yaml")]
    [InlineData("estimate -m no/such -s 8192")]
    [InlineData("estimate -m llama-3.1-8b -s many")]
    [InlineData("explain -m llama-3.1-8b -s 8192")]
    [InlineData("model mistralai/Mixtral-8x7B-v0.1")]
    [InlineData("model meta-llama/Llama-3.1-8B -o json")]
    [InlineData("model meta-llama/Llama-3.1-8B -o yaml")]
    [InlineData("inference -m llama-3.1-8b --gpu h100-80gb")]
    [InlineData("inference -m llama-3.1-8b --gpu a10g -o json")]
    [InlineData("evaluate CASES")]
    [InlineData("evaluate CASES --worst 1 --group-by framework")]
    [InlineData("evaluate CASES --json")]
    [InlineData("evaluate CASES --jsonl")]
    [InlineData("evaluate JOB")]
    [InlineData("admit -f JOB --nodes NODES")]
    [InlineData("admit -f JOB --nodes NODES -o json")]
    [InlineData("admit -f JOB --nodes NODES -o yaml")]
    [InlineData("admit -f CASES --nodes NODES")]
    [InlineData("crd")]
    [InlineData("operator --kubeconfig /no/such/kubeconfig")]
    [InlineData("webhook --kubeconfig /no/such/kubeconfig")]
    [InlineData("webhook --address everywhere")]
    public async Task It_says_the_same(string arguments)
    {
        var files = new Dictionary<string, string>
        {
            ["JOB"] = _folder.Write("job.yaml", Job),
            ["CASES"] = _folder.Write("cases.jsonl", Cases),
            ["NODES"] = Path.Combine(RepositoryRoot.Path, "config", "samples", "nodes", "h100.yaml"),
        };
        string[] args = [.. arguments.Split(' ').Select(argument => files.GetValueOrDefault(argument, argument))];
        var here = await Run.Of(args);
        var (status, output, error) = await Script.RunAsync(GpuMemExecutable.Program, GpuMemExecutable.Arguments(args));
        // The parser calls the program by the name of whatever runs it.
        Assert.Equal((here.Status, here.Output.Replace("testhost", "gpumem", StringComparison.Ordinal), here.Error), (status, output, error));
    }

    [Fact]
    public async Task A_picture_of_the_evaluation_is_the_same()
    {
        var cases = _folder.Write("cases.jsonl", Cases);
        string Picture(string name) => Path.Combine(_folder.Path, name);
        await Run.Of("evaluate", cases, "--plot", Picture("here.svg"));
        await Script.RunAsync(GpuMemExecutable.Program, GpuMemExecutable.Arguments("evaluate", cases, "--plot", Picture("there.svg")));
        Assert.Equal(File.ReadAllText(Picture("here.svg")), File.ReadAllText(Picture("there.svg")));
    }
}
