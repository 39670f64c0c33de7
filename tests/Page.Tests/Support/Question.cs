namespace GpuMem.Page.Tests.Support;

/// <summary>Manifests as the page writes them.</summary>
internal static class Question
{
    public const string H100 = "NVIDIA H100 SXM 80GB";

    /// <summary>A full fine-tune of an 8B model on eight GPUs, which fits 80 GB.</summary>
    public static JsonObject Job(string training = """{"sequenceLength": 8192, "recompute": "Full"}""", string parallelism = """{"data": 8}""", string model = """{"name": "meta-llama/Llama-3.1-8B"}""") => new()
    {
        ["apiVersion"] = "gpumem.io/v1alpha1",
        ["kind"] = "TrainingJob",
        ["metadata"] = new JsonObject { ["name"] = "my-job" },
        ["spec"] = new JsonObject { ["model"] = JsonNode.Parse(model), ["training"] = JsonNode.Parse(training), ["parallelism"] = JsonNode.Parse(parallelism) },
    };

    public static JsonObject Server(string model = "meta-llama/Llama-3.1-8B", long context = 8192, string layout = "{}") => new()
    {
        ["apiVersion"] = "gpumem.io/v1alpha1",
        ["kind"] = "ModelServer",
        ["metadata"] = new JsonObject { ["name"] = "my-server" },
        ["spec"] = new JsonObject(JsonNode.Parse(layout)!.AsObject().Select(field => KeyValuePair.Create(field.Key, field.Value?.DeepClone())))
        {
            ["model"] = new JsonObject { ["name"] = model }, ["contextLength"] = context,
        },
    };

    public static string Config { get; } = """
        {"model_type": "llama", "hidden_size": 2048, "num_hidden_layers": 16, "num_attention_heads": 32, "num_key_value_heads": 8,
         "intermediate_size": 8192, "vocab_size": 128256, "tie_word_embeddings": true}
        """;
}
