using System.Text;
using System.Text.Json.Nodes;
using GpuMem.Evaluation.Cases;

namespace GpuMem.Evaluation.Tests;

/// <summary>A small case of our own, and the same with changes.</summary>
internal static class ExampleCase
{
    public const string Json = """
        {
          "id": "example", "group": "example", "source": "made up", "framework": "PyTorchFsdp2", "frameworkVersion": null, "trainer": "Torchtitan", "mode": "Pretrain",
          "model": {
            "id": "meta-llama/Llama-3.1-8B", "parameters": 8030261248,
            "architecture": {
              "hiddenSize": 4096, "layers": 32, "heads": 32, "kvHeads": 8, "headDim": 128, "ffnHiddenSize": 14336, "vocabSize": 128256,
              "tiedEmbeddings": false, "gatedMlp": true, "norm": "RMSNorm", "bias": false, "positional": "Rope", "moe": null, "mla": null
            }
          },
          "precision": { "compute": "Bf16", "parameters": "Fp32", "masterParameters": null, "gradients": "Fp32", "extraGradients": null, "optimizerStates": "Fp32" },
          "optimizer": "AdamW", "optimizerInBackward": false, "foreachOptimizer": false,
          "sharding": { "zeroStage": 0, "fsdp": "FullShard", "distributedOptimizer": false },
          "parallel": {
            "gpus": 8, "tensor": 1, "pipeline": 1, "context": 1, "data": 8, "expert": 1, "sequenceParallel": false,
            "pipelineSchedule": "None", "virtualStages": 1, "rank": "Any"
          },
          "batch": { "microBatch": 1, "sequenceLength": 8192, "gradientAccumulation": 1, "padded": false },
          "recompute": "Full", "attention": "Flash", "loss": "FullLogits", "compile": true,
          "offload": { "parameters": "None", "optimizer": "None", "activations": false },
          "lora": null, "quantization": null, "inference": null,
          "gpu": { "name": "H100", "memoryGiB": 79.1 },
          "measured": { "metric": "Reserved", "gib": 32.1, "component": null },
          "confidence": "High", "assumed": [], "note": ""
        }
        """;

    public const string Serving = """{ "engine": "Transformers", "batch": 1, "inputLength": 8192, "outputLength": 1, "kvCacheDtype": "Bf16", "logits": "LastToken" }""";

    /// <summary>The example with values set at dotted paths; a value is JSON, null takes the field away.</summary>
    public static string With(params (string Path, string? Value)[] changes)
    {
        var root = JsonNode.Parse(Json)!;
        foreach (var (path, value) in changes)
        {
            var names = path.Split('.');
            var parent = names[..^1].Aggregate(root, (node, name) => node[name]!).AsObject();
            if (value is null)
                parent.Remove(names[^1]);
            else
                parent[names[^1]] = JsonNode.Parse(value);
        }

        return root.ToJsonString();
    }

    public static MeasuredCase Parse(params (string Path, string? Value)[] changes) => CaseReader.Parse(Encoding.UTF8.GetBytes(With(changes)));

    public static CaseFormatException Refused(string json) => Assert.Throws<CaseFormatException>(() => CaseReader.Parse(Encoding.UTF8.GetBytes(json)));
}
