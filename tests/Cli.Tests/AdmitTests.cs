namespace GpuMem.Cli.Tests;

public sealed class AdmitTests : IDisposable
{
    private const string Job = """
        kind: TrainingJob
        metadata: {name: sft}
        spec: {model: {name: meta-llama/Llama-3.1-8B}, training: {sequenceLength: 1024, recompute: Full}}
        ---
        """;

    private const string TooLarge = """
        kind: TrainingJob
        metadata: {name: sft}
        spec: {model: {name: meta-llama/Llama-3.1-8B}, training: {sequenceLength: 1024}, parallelism: {data: 1}}
        ---
        """;

    private const string Pod = """
        kind: Pod
        metadata: {name: trainer, labels: {gpumem.io/training-job: sft}}
        spec: {containers: [{name: trainer, image: pytorch}]}
        """;

    private static readonly string Nodes = Path.Combine(RepositoryRoot.Path, "config", "samples", "nodes", "h100.yaml");

    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_allowed_pod_is_told_with_its_patch()
    {
        var run = await AdmitAsync(Job + "\n" + Pod);
        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Contains("pod/trainer: allowed", run.Output);
        Assert.Matches("(?m)^  patch: add /spec/containers/0/resources/limits/nvidia.com~1gpu \"[2-8]\"$", run.Output);
        Assert.Contains("nvidia.com/gpu 0→", run.Output);
    }

    [Fact]
    public async Task A_denied_pod_is_told_with_the_fix_and_ends_with_2()
    {
        var run = await AdmitAsync(TooLarge + "\n" + Pod);
        Assert.Equal(2, run.Status);
        Assert.Contains("pod/trainer: denied", run.Output);
        Assert.Contains("Fix: ", run.Output);
        Assert.DoesNotContain("patch:", run.Output);
    }

    /// <summary>As the webhook has it, which reads the commands of pods that nobody describes and nothing made.</summary>
    [Theory]
    [InlineData("", true)]
    [InlineData(", ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: vllm-5d8f, uid: '0', controller: true}]", false)]
    public async Task A_pod_that_stands_alone_is_warned_of_by_its_command(string owner, bool isWarned)
    {
        var run = await AdmitAsync("kind: Pod\nmetadata: {name: vllm" + owner + "}\nspec: {containers: [{name: v, image: vllm/vllm-openai, args: [--model, meta-llama/Llama-3.1-70B-Instruct], resources: {limits: {nvidia.com/gpu: 1}}}]}");
        Assert.Equal((0, isWarned), (run.Status, run.Output.Contains("warning: would not fit: needs ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task JSON_has_the_same()
    {
        var allowed = (await AdmitAsync(Job + "\n" + Pod, "-o", "json")).Json[0]!;
        Assert.Equal(("pod/trainer", true), ((string?)allowed["name"], (bool)allowed["allowed"]!));
        Assert.NotEmpty(allowed["patch"]!.AsArray());
        var denied = (await AdmitAsync(TooLarge + "\n" + Pod, "-o", "json")).Json[0]!;
        Assert.False((bool)denied["allowed"]!);
        Assert.Contains("Fix: ", (string?)denied["message"]);
        Assert.Empty(denied["patch"]!.AsArray());
    }

    [Fact]
    public async Task A_pod_that_no_job_describes_is_allowed_without_a_word()
    {
        var run = await AdmitAsync("kind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web}]}");
        Assert.Equal((0, "pod/web: allowed\n"), (run.Status, run.Output));
    }

    [Fact]
    public async Task Jobs_alone_are_judged_themselves()
    {
        Assert.Equal(0, (await AdmitAsync(Job)).Status);
        var run = await AdmitAsync(TooLarge);
        Assert.Equal(2, run.Status);
        Assert.Contains("trainingjob/sft: allowed with a warning, its pods denied", run.Output);
        var json = (await AdmitAsync(TooLarge, "-o", "json")).Json[0]!;
        Assert.Equal((true, false), ((bool)json["allowed"]!, (bool)json["podsAllowed"]!));
    }

    [Fact]
    public async Task A_job_that_cannot_be_is_denied_itself()
    {
        var run = await AdmitAsync(TooLarge.Replace("sequenceLength: 1024", "sequenceLength: 1024, quantization: {scheme: NF4}", StringComparison.Ordinal));
        Assert.Equal(2, run.Status);
        Assert.Contains("trainingjob/sft: denied", run.Output);
        Assert.Contains("use method QLoRA", run.Output);
    }

    [Fact]
    public async Task Without_nodes_a_job_is_allowed_with_what_it_needs()
    {
        var run = await Run.Of("admit", "-f", _folder.Write("job.yaml", TooLarge));
        Assert.Equal(0, run.Status);
        Assert.Contains("GiB per GPU", run.Output);
    }

    /// <summary>The eight GPUs that there are do for it only in 4 bits, which trains something else: how many would do as it is, is said all the same.</summary>
    [Fact]
    public async Task What_only_more_GPUs_than_there_are_would_mend_is_said_with_their_number()
    {
        var run = await Run.Of("admit", "--nodes", Path.Combine(RepositoryRoot.Path, "config", "samples", "nodes", "a10g.yaml"), "-f", _folder.Write("adapters.yaml", """
            apiVersion: gpumem.io/v1alpha1
            kind: TrainingJob
            metadata: {name: adapters}
            spec:
              model: {name: meta-llama/Llama-3.1-70B}
              training: {method: LoRA, sequenceLength: 2048, recompute: Full}
              parallelism: {sharding: None}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: trainer, labels: {gpumem.io/training-job: adapters}}
            spec: {containers: [{name: trainer, image: trainer, resources: {limits: {nvidia.com/gpu: 4}}}]}
            """));
        Assert.Equal(2, run.Status);
        Assert.Contains("on 32 GPUs of a10g, which has 8", run.Output);
    }

    [Fact]
    public async Task A_List_as_kubectl_prints_it_is_read()
    {
        var nodes = _folder.Write("list.json", """
            {"kind": "List", "items": [{"kind": "Node", "metadata": {"name": "a", "labels": {"nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3", "nvidia.com/gpu.memory": "81559"}},
             "status": {"capacity": {"nvidia.com/gpu": "8"}}}]}
            """);
        Assert.Equal(2, (await Run.Of("admit", "-f", _folder.Write("job.yaml", TooLarge), "--nodes", nodes)).Status);
    }

    [Theory]
    [InlineData("kind: Pod\nspec: {containers: web}", "pods.yaml", "spec.containers")]
    [InlineData("kind: Pod\nspec: {containers: [{resources: {limits: {nvidia.com/gpu: many}}}]}", "pods.yaml")]
    [InlineData("kind: Pod\nmetadata: 7", "pods.yaml", "metadata")]
    [InlineData("kind: List\nitems: [null]", "pods.yaml", "not an object")]
    [InlineData("apiVersion: trainer.kubeflow.org/v1alpha1\nkind: TrainJob\nspec: {trainer: {resourcesPerNode: {limits: {nvidia.com/gpu: 1}}, command: [train.py, 7]}}", "pods.yaml", "command[1]", "put it in quotes")]
    [InlineData("apiVersion: batch/v1\nkind: Job\nspec: {template: {spec: {containers: [{name: node, command: [train.py, --lr, 1e-5]}]}}}", "pods.yaml", "command[2]", "put it in quotes")]
    [InlineData("", "no Pod, nothing that makes pods, no TrainingJob and no ModelServer")]
    [InlineData("kind: TrainingJob\nmetadata: {name: Upper}\nspec: {}", "")]
    public async Task What_cannot_be_read_is_told_by_its_path(string yaml, params string[] says)
    {
        var run = await AdmitAsync(yaml);
        if (yaml.Contains("Upper", StringComparison.Ordinal))
            Assert.Equal((2, true), (run.Status, run.Output.Contains("metadata.name", StringComparison.Ordinal)));
        else
            run.Failed(says);
    }

    [Fact]
    public async Task A_pod_nested_as_deep_as_YAML_is_read_is_answered()
    {
        var deep = string.Concat(Enumerable.Repeat("{a: ", 150)) + "1" + new string('}', 150);
        Assert.Equal(0, (await AdmitAsync($"{Job}\n{Pod}\nx: {deep}")).Status);
    }

    private Task<Run> AdmitAsync(string yaml, params string[] args) =>
        Run.Of(["admit", "-f", _folder.Write("pods.yaml", yaml), "--nodes", Nodes, .. args]);
}
