using System.Text;
using GpuMem.Api.Commands.Training;
using GpuMem.Api.Pods;

namespace GpuMem.Api.Tests.Workloads;

/// <summary>What a step of an Argo Workflow runs, with the parameters that the workflow and its callers give.</summary>
public sealed class ArgoWorkflowsTests
{
    [Fact]
    public void Parameters_stand_for_what_the_workflow_a_caller_or_the_template_itself_says()
    {
        var step = Step("""
            entrypoint: all
            arguments: {parameters: [{name: model, value: Qwen/Qwen3-8B}, {name: gpus, value: 2}]}
            templates:
            - name: all
              dag: {tasks: [{name: t, template: train, arguments: {parameters: [{name: length, value: 2048}, {name: which, value: "{{workflow.parameters.model}}"}]}}]}
            - name: train
              inputs: {parameters: [{name: length, default: 4096}, {name: which}, {name: batch, value: "3"}]}
              container:
                image: x
                resources: {limits: {nvidia.com/gpu: "{{ workflow.parameters.gpus }}"}}
                command: [torchrun, "--nproc_per_node={{workflow.parameters.gpus}}", -m, trl.scripts.sft]
                args: [--model_name_or_path, "{{inputs.parameters.which}}", --per_device_train_batch_size, "{{inputs.parameters.batch}}", --max_length, "{{inputs.parameters.length}}"]
            """);

        Assert.Equal(2, PodGpus.Of(step).Count);
        var read = Assert.Single(TrainingCommandReader.Read(step, 1, []));
        Assert.Empty(read.NotUnderstood);
        Assert.Equal(("Qwen/Qwen3-8B", 2048, 3, "2"), (read.Job.Model?.Name, read.Job.Training!.SequenceLength, read.Job.Training.MicroBatchSize, read.Job.Parallelism!.Data!.Value));
    }

    [Theory]
    [InlineData("{name: a, template: train, arguments: {parameters: [{name: length, value: 2048}]}}, {name: b, template: train, arguments: {parameters: [{name: length, value: 1024}]}}", "{{inputs.parameters.length}}")]
    [InlineData("{name: a, template: train, arguments: {parameters: [{name: length, value: \"{{item}}\"}]}, withItems: [1, 2]}", "{{inputs.parameters.length}}")]
    [InlineData("{name: a, template: train}, {name: b, template: train, arguments: {parameters: [{name: length, value: 512}]}}", "512")]
    public void What_only_running_tells_stays_as_it_is_written(string tasks, string length) => Assert.Equal(length, Assert.Single(Step($$$"""
        entrypoint: all
        templates:
        - {name: all, dag: {tasks: [{{{tasks}}}]}}
        - {name: train, inputs: {parameters: [{name: length, default: 512}]}, container: {image: x, args: ["{{inputs.parameters.length}}"]}}
        """).Containers[0].Args));

    [Fact]
    public void A_value_with_quotes_stays_one_text() => Assert.Equal("say \"hi\"\n\\ {{steps.x.outputs.result}}", Assert.Single(Step("""
        arguments: {parameters: [{name: text, value: "say \"hi\"\n\\"}]}
        templates: [{name: train, container: {image: x, args: ["{{workflow.parameters.text}} {{steps.x.outputs.result}}"]}}]
        """).Containers[0].Args));

    [Fact]
    public void A_script_is_what_its_shell_runs()
    {
        var step = Step("""
            arguments: {parameters: [{name: model, value: Qwen/Qwen3-8B}]}
            templates:
            - name: train
              script:
                image: x
                command: [bash]
                resources: {limits: {nvidia.com/gpu: 8}}
                source: |
                  pip install trl
                  torchrun --nproc_per_node=8 -m trl.scripts.sft --model_name_or_path {{workflow.parameters.model}} --max_length 512
            """);

        Assert.Equal("Qwen/Qwen3-8B", Assert.Single(TrainingCommandReader.Read(step, 1, [])).Job.Model?.Name);
    }

    [Fact]
    public void Templates_that_call_themselves_or_double_what_they_are_given_are_read_all_the_same()
    {
        var doubling = new StringBuilder("entrypoint: t0\narguments: {parameters: [{name: x, value: aaaaaaaa}]}\ntemplates:\n- {name: train, inputs: {parameters: [{name: x}]}, container: {image: x, args: [\"{{inputs.parameters.x}}\"]}}\n");
        for (var at = 0; at < 5000; at++)
        {
            doubling.Append("- {name: t").Append(at).Append(", inputs: {parameters: [{name: x}]}, steps: [[{name: s, template: ").Append(at == 4999 ? "train" : $"t{at + 1}")
                .Append(", arguments: {parameters: [{name: x, value: \"{{inputs.parameters.x}}{{inputs.parameters.x}}\"}]}}]]}\n");
        }
        Assert.Equal("{{inputs.parameters.x}}", Assert.Single(Step(doubling.ToString()).Containers[0].Args));

        Assert.Equal("{{inputs.parameters.x}}", Assert.Single(Step("""
            entrypoint: train
            templates: [{name: train, inputs: {parameters: [{name: x}]}, steps: [[{name: s, template: train, arguments: {parameters: [{name: x, value: "{{inputs.parameters.x}}"}]}}]], container: {image: x, args: ["{{inputs.parameters.x}}"]}}]
            """).Containers[0].Args));
    }

    private static V1PodSpec Step(string spec) =>
        Assert.Single(Manifest.Read($"apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {{name: ft}}\nspec:\n  {spec.TrimEnd().Replace("\n", "\n  ", StringComparison.Ordinal)}\n").Pods).Spec()!;
}
