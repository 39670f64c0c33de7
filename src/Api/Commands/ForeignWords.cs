namespace GpuMem.Api.Commands;

/// <summary>What programs that start an engine take beside the engine's own flags: KServe's Hugging Face server, the workers of NVIDIA Dynamo, vLLM's batches.</summary>
internal static class ForeignWords
{
    /// <summary>vLLM's command that answers a file of requests and ends, and the module of the same (vllm/entrypoints/openai/run_batch.py).</summary>
    public const string Batch = "run-batch", BatchModule = "vllm.entrypoints.openai.run_batch";

    /// <summary>The module of KServe's server.</summary>
    public const string KServe = "huggingfaceserver";

    /// <summary>The module of Dynamo's worker that runs TensorRT-LLM.</summary>
    public const string TensorRt = "dynamo.trtllm";

    // kserve python/kserve/kserve/model_server.py and python/huggingfaceserver/huggingfaceserver/__main__.py.
    private static readonly string[] OfKServe =
    [
        "--model-name", "--http-port", "--grpc-port", "--workers", "--max-threads", "--max-asyncio-workers", "--enable-grpc", "--enable-docs-url", "--enable-latency-logging", "--configure-logging",
        "--log-config-file", "--access-log-format", "--predictor-host", "--predictor-protocol", "--predictor-use-ssl", "--predictor-request-timeout-seconds", "--backend",
    ];

    // dynamo components/src/dynamo/vllm and sglang, args.py, and common/configuration/groups/runtime_args.py.
    private static readonly string[] OfDynamo =
    [
        "--connector", "--endpoint", "--migration-limit", "--store-kv", "--request-plane", "--response-plane", "--event-plane", "--discovery-backend", "--namespace", "--kv-state-endpoint",
        "--dyn-tool-call-parser", "--dyn-reasoning-parser", "--dyn-default-thinking-mode", "--custom-jinja-template", "--endpoint-types", "--dump-config-to",
    ];

    // SGLang has this one itself; dynamo components/src/dynamo/vllm, which says by it whether a worker reads prompts or writes answers.
    private static readonly string[] OfDynamosVllm = [.. OfDynamo, "--disaggregation-mode", "--mm-prompt-template", "--model-express-url"];

    // dynamo components/src/dynamo/trtllm/backend_args.py; a file of engine arguments and what goes over it may change anything and are left.
    private static readonly string[] OfTensorRt =
    [
        .. OfDynamo, "--served-model-name", "--disaggregation-mode", "--kv-block-size", "--load-format", "--model-loader-extra-config", "--modality", "--encode-endpoint", "--allowed-local-media-path",
        "--max-file-size-mb", "--guided-decoding-backend", "--conversation-affinity-dp-rank-source",
    ];

    private static readonly string[] SwitchesOfTensorRt = ["--publish-kv-events", "--publish-events-and-metrics", "--enable-multimodal", "--conversation-affinity"];

    // vllm/entrypoints/openai/run_batch.py, make_arg_parser.
    private static readonly string[] OfBatch = ["-i", "--input-file", "-o", "--output-file", "--output-tmp-dir", "--url"];

    private static readonly string[] SwitchesOfDynamo = ["--is-prefill-worker", "--is-decode-worker", "--use-vllm-tokenizer", "--fpm-trace", "--route-to-encoder", "--frontend-decoding"];

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

    /// <summary>The engine's own of what a program that starts it is told.</summary>
    public static IReadOnlyList<string> Without(string program, IReadOnlyList<string> words) => program switch
    {
        "dynamo.vllm" => Without(words, OfDynamosVllm, SwitchesOfDynamo),
        "dynamo.sglang" => Without(words, OfDynamo, SwitchesOfDynamo),
        TensorRt => Renamed(Without(words, OfTensorRt, SwitchesOfTensorRt)),
        Batch or BatchModule => Without(words, OfBatch, []),
        _ => words,
    };

    /// <summary>As trtllm-serve calls it, which takes the model without a flag.</summary>
    private static IReadOnlyList<string> Renamed(List<string> words) =>
    [
        .. words.SelectMany(word => word.Split('=', 2) switch
        {
            ["--model" or "--model-path"] => [],
            ["--model" or "--model-path", var model] => [model],
            ["--expert-parallel-size", .. var ranks] => ["--ep-size", .. ranks],
            _ => new[] { word },
        }),
    ];

    private static List<string> Without(IReadOnlyList<string> words, string[] flags, string[] switches)
    {
        List<string> own = [];
        for (var at = 0; at < words.Count; at++)
        {
            var name = Argument.NameOf(words[at].Split('=')[0]);
            if (flags.Contains(name))
                at += words[at].Contains('=', StringComparison.Ordinal) ? 0 : 1;
            else if (!switches.Contains(name))
                own.Add(words[at]);
        }
        return own;
    }
}
