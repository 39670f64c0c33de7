using GpuMem.Api.Commands.Training;
using GpuMem.Api.Workloads;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Tests.Workloads;

/// <summary>TrainJobs that say <c>tune run</c> alone: recipe and configuration are those that Trainer chooses.</summary>
public sealed class TorchtuneTrainerTests
{
    private const string Runtime = """
        apiVersion: trainer.kubeflow.org/v1alpha1
        kind: ClusterTrainingRuntime
        metadata: {name: torchtune-llama3.2-1b}
        spec:
          mlPolicy: {numNodes: 1, torch: {}}
          template:
            spec:
              replicatedJobs:
                - name: node
                  template:
                    metadata: {labels: {trainer.kubeflow.org/trainjob-ancestor-step: trainer}}
                    spec:
                      template:
                        spec:
                          containers:
                            - name: node
                              command: [tune, run, --rdzv_endpoint=localhost:29500, full_finetune_distributed, --config, llama3_2/1B_full, dataset.source=parquet, checkpointer.checkpoint_dir=/workspace/model]
                              resources: {limits: {nvidia.com/gpu: 2}}
        """;

    [Theory]
    [InlineData("", "full_finetune_distributed --config llama3_2/1B_full")]
    [InlineData("numProcPerNode: 1,", "full_finetune_single_device --config llama3_2/1B_full_single_device")]
    [InlineData("resourcesPerNode: {limits: {nvidia.com/gpu: 1}}, args: ['model.lora_attn_modules=[q_proj,v_proj]'],", "lora_finetune_single_device --config llama3_2/1B_lora_single_device")]
    [InlineData("args: ['model.lora_attn_modules=[q_proj,v_proj]', 'model.quantize_base=True'],", "lora_finetune_distributed --config llama3_2/1B_qlora")]
    [InlineData("args: ['model.lora_attn_modules=[q_proj,v_proj]', 'model.quantize_base=True', 'model.use_dora=True'],", "lora_finetune_distributed --config llama3_2/1B_lora")]
    [InlineData("numNodes: 2,", "full_finetune_distributed --config llama3_2/1B_full_multinode")]
    public void Recipe_and_configuration_follow_from_the_runtime_and_the_GPUs(string trainer, string chosen) =>
        Assert.Equal($"tune run {chosen} dataset.source=parquet checkpointer.checkpoint_dir=/workspace/model", string.Join(' ', Node("torchtune-llama3.2-1b", trainer, Manifest.Json(Runtime)).Containers[0].Command));

    [Fact]
    public void What_the_job_changes_goes_over_a_configuration_of_which_only_the_model_is_known()
    {
        var node = Node("torchtune-qwen2.5-1.5b", "resourcesPerNode: {limits: {nvidia.com/gpu: 2}}, numProcPerNode: 2, args: ['model.lora_attn_modules=[q_proj, v_proj]', model.lora_rank=64, batch_size=2, tokenizer.max_seq_len=2048],", runtime: null);

        var read = Assert.Single(TrainingCommandReader.Read(node, 1, []));
        Assert.Equal(("Qwen/Qwen2.5-1.5B", TrainingMethod.LoRA, 64, 2048, 2, "2"),
            (read.Job.Model?.Name, read.Job.Training!.Method, read.Job.Training.Lora!.Rank, read.Job.Training.SequenceLength, read.Job.Training.MicroBatchSize, read.Job.Parallelism!.Data!.Value));
        Assert.Equal(["q_proj", "v_proj"], read.Job.Training.Lora.TargetModules);
        Assert.StartsWith("qwen2_5/1.5B_lora is a configuration that comes with torchtune", Assert.Single(read.NotUnderstood), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("torchtune-llama3.2-1b", "command: [tune, run, my_recipe, --config, mine.yaml],", "tune run my_recipe --config mine.yaml")]
    [InlineData("ours", "command: [tune, run],", "tune run")]
    public void Other_commands_and_runtimes_are_left_as_they_are(string runtime, string trainer, string command) =>
        Assert.Equal(command, string.Join(' ', Node(runtime, trainer, runtime: null).Containers[0].Command));

    private static k8s.Models.V1PodSpec Node(string name, string trainer, System.Text.Json.Nodes.JsonObject? runtime)
    {
        var said = trainer.Contains("command:", StringComparison.Ordinal) ? trainer : $"command: [tune, run], {trainer}";
        var job = Manifest.Json("apiVersion: trainer.kubeflow.org/v1alpha1\nkind: TrainJob\nmetadata: {name: ours}\nspec: {runtimeRef: {name: " + name + "}, trainer: {" + said.TrimEnd(' ', ',') + "}}");
        return Assert.Single(WorkloadReader.Read(job, runtime)!.Pods).Spec()!;
    }
}
