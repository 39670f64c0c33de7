namespace GpuMem.Api.Commands;

/// <summary>What programs that start an engine take beside the engine's own flags: KServe's Hugging Face server, and the workers of NVIDIA Dynamo.</summary>
internal static class ForeignWords
{
    /// <summary>The module of KServe's server.</summary>
    public const string KServe = "huggingfaceserver";

    // kserve python/kserve/kserve/model_server.py and python/huggingfaceserver/huggingfaceserver/__main__.py.
    private static readonly string[] OfKServe =
    [
        "--model-name", "--http-port", "--grpc-port", "--workers", "--max-threads", "--max-asyncio-workers", "--enable-grpc", "--enable-docs-url", "--enable-latency-logging", "--configure-logging",
        "--log-config-file", "--access-log-format", "--predictor-host", "--predictor-protocol", "--predictor-use-ssl", "--predictor-request-timeout-seconds", "--backend",
    ];

    // dynamo components/src/dynamo/vllm and sglang, args.py.
    private static readonly string[] OfDynamo = ["--connector", "--endpoint", "--migration-limit", "--store-kv", "--request-plane", "--event-plane"];

    private static readonly string[] SwitchesOfDynamo = ["--is-prefill-worker", "--is-decode-worker"];

    /// <summary>The image is KServe's, whose tag is no release of vLLM.</summary>
    public static bool IsKServe(string? image) => image?.Contains("kserve/huggingfaceserver", StringComparison.Ordinal) == true;

    /// <summary>KServe's flags in the words of vLLM, which it runs for the models that vLLM knows, unless it is told not to; null then.</summary>
    public static IReadOnlyList<string>? KServeAsVllm(IReadOnlyList<string> words)
    {
        List<string> own = [];
        for (var at = 0; at < words.Count;)
        {
            var argument = Argument.At(words, at, _ => null);
            if (argument is { Name: "--backend", Values: ["huggingface"] })
                return null;
            var name = argument.Name switch { "--model-id" => "--model", "--max-length" => "--max-model-len", _ => null };
            if (name is not null && argument.Values is [var value])
                own.AddRange([name, value]);
            else if (!OfKServe.Contains(argument.Name))
                own.AddRange(words.Skip(at).Take(argument.Words));
            at += argument.Words;
        }
        return own;
    }

    /// <summary>The engine's own of what a worker of Dynamo is told.</summary>
    public static IReadOnlyList<string> WithoutDynamo(IReadOnlyList<string> words)
    {
        List<string> own = [];
        for (var at = 0; at < words.Count; at++)
        {
            var name = Argument.NameOf(words[at].Split('=')[0]);
            if (OfDynamo.Contains(name))
                at += words[at].Contains('=', StringComparison.Ordinal) ? 0 : 1;
            else if (!SwitchesOfDynamo.Contains(name))
                own.Add(words[at]);
        }
        return own;
    }
}
