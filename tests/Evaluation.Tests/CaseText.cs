using System.Text;
using System.Text.Json.Nodes;

namespace GpuMem.Evaluation.Tests;

/// <summary>A sound case as text, and the same with something changed.</summary>
internal static class CaseText
{
    private const string Sound = """
        {"id":"full-8b","group":"full-8b","source":"a document","framework":"PyTorchFsdp2","frameworkVersion":null,"trainer":"Torchtitan","mode":"Pretrain",
        "model":{"id":"meta-llama/Llama-3.1-8B","architecture":{"hiddenSize":4096,"layers":32,"heads":32,"kvHeads":8,"headDim":128,"ffnHiddenSize":14336,"vocabSize":128256,
        "tiedEmbeddings":false,"gatedMlp":true,"norm":"RMSNorm","bias":false,"positional":"Rope","moe":null,"mla":null},"parameters":8030261248},
        "precision":{"compute":"Bf16","parameters":"Fp32","masterParameters":null,"gradients":"Fp32","extraGradients":null,"optimizerStates":"Fp32"},
        "optimizer":"AdamW","optimizerInBackward":false,"foreachOptimizer":false,"sharding":{"zeroStage":0,"fsdp":"FullShard","distributedOptimizer":false},
        "parallel":{"gpus":8,"tensor":1,"pipeline":1,"context":1,"expert":1,"data":8,"sequenceParallel":false,"pipelineSchedule":"None","virtualStages":1,"rank":"Any"},
        "batch":{"microBatch":1,"sequenceLength":8192,"gradientAccumulation":1,"padded":false},"recompute":"Full","attention":"Sdpa","loss":"FullLogits","compile":false,
        "offload":{"parameters":"None","optimizer":"None","activations":false},"lora":null,"quantization":null,"inference":null,"gpu":{"name":"H100","memoryGiB":79.1},
        "measured":{"metric":"Reserved","gib":33.0,"component":null},"confidence":"High","assumed":["loss"],"note":""}
        """;

    public static byte[] Bytes => Encoding.UTF8.GetBytes(Sound);

    /// <summary>The case with the value at <paramref name="path"/> replaced by a JSON text; <see langword="null"/> takes the field away.</summary>
    public static byte[] With(string path, string? json)
    {
        var root = JsonNode.Parse(Sound)!.AsObject();
        var steps = path.Split('.');
        var parent = steps[..^1].Aggregate(root, (node, step) => node[step]!.AsObject());
        if (json is null)
            parent.Remove(steps[^1]);
        else
            parent[steps[^1]] = JsonNode.Parse(json);
        return Encoding.UTF8.GetBytes(root.ToJsonString());
    }

    /// <summary>The text with one part replaced by another, for what no JSON document can hold.</summary>
    public static byte[] Replacing(string part, string other) => Encoding.UTF8.GetBytes(Sound.Replace(part, other, StringComparison.Ordinal));
}
