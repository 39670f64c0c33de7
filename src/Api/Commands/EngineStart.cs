using GpuMem.Serving;

namespace GpuMem.Api.Commands;

/// <summary>Which engine a list of words starts, and where its arguments begin.</summary>
/// <param name="Engine">The engine.</param>
/// <param name="Arguments">Index of the first argument.</param>
internal readonly record struct EngineStart(InferenceEngine Engine, int Arguments)
{
    private static readonly (string[] Words, InferenceEngine Engine)[] Programs =
    [
        (["vllm", "serve"], InferenceEngine.VLLM),
        (["vllm", ForeignWords.Batch], InferenceEngine.VLLM),
        (["-m", "vllm.entrypoints.openai.api_server"], InferenceEngine.VLLM),
        (["-m", ForeignWords.BatchModule], InferenceEngine.VLLM),
        (["-m", "vllm.entrypoints.api_server"], InferenceEngine.VLLM),
        (["-m", "huggingfaceserver"], InferenceEngine.VLLM),
        (["-m", "dynamo.vllm"], InferenceEngine.VLLM),
        (["-m", "dynamo.sglang"], InferenceEngine.SGLang),
        (["-m", ForeignWords.TensorRt], InferenceEngine.TensorRTLLM),
        (["-m", "sglang.launch_server"], InferenceEngine.SGLang),
        (["sglang", "serve"], InferenceEngine.SGLang),
        (["llama-server"], InferenceEngine.LlamaCpp),
        (["text-generation-launcher"], InferenceEngine.TGI),
        (["trtllm-serve", "serve"], InferenceEngine.TensorRTLLM),
        (["trtllm-serve"], InferenceEngine.TensorRTLLM),
    ];

    // The projects' own images, by the end of their names, and whether the entrypoint is the engine, so that args alone are its flags (their Dockerfiles).
    private static readonly (string Repository, InferenceEngine Engine, bool Starts)[] Images =
    [
        ("vllm/vllm-openai", InferenceEngine.VLLM, true),
        ("lmsysorg/sglang", InferenceEngine.SGLang, false),
        ("ggml-org/llama.cpp", InferenceEngine.LlamaCpp, true),
        ("huggingface/text-generation-inference", InferenceEngine.TGI, true),
        ("kserve/huggingfaceserver", InferenceEngine.VLLM, true),
        ("nvidia/tensorrt-llm/release", InferenceEngine.TensorRTLLM, false),
    ];

    /// <summary>Null when no engine is started.</summary>
    public static EngineStart? Of(IReadOnlyList<string> words)
    {
        // What a script tells those who read its log.
        if (words is ["echo" or "printf", ..])
            return null;
        for (var at = 0; at < words.Count; at++)
        {
            foreach (var (program, engine) in Programs)
            {
                if (Matches(words, at, program))
                    return new EngineStart(engine, at + program.Length);
            }
        }
        return null;
    }

    /// <summary>The engine that an image starts by itself; null for other images.</summary>
    public static InferenceEngine? OfImage(string? image) => Known(image) is { Starts: true } known ? known.Engine : null;

    /// <summary>
    /// The release that a tag of an engine's own image names, as v0.19.0, 0.19.0-cu129 and v0.4.6.post5 do, and server-cuda-b5391 of llama.cpp; null for
    /// others, latest among them.
    /// </summary>
    public static string? Version(InferenceEngine engine, string? image)
    {
        if (Known(image)?.Engine != engine || ForeignWords.IsKServe(image))
            return null;
        var tag = Parts(image!).Tag;
        if (engine == InferenceEngine.LlamaCpp)
            return tag[(tag.LastIndexOf('-') + 1)..] is ['b', .. var build] && build.Length > 0 && build.All(char.IsAsciiDigit) ? build : null;
        var text = tag.TrimStart('v');
        var end = Digits(text, from: 0);
        if (text[..end].Contains('.', StringComparison.Ordinal) && text[end..].StartsWith("post", StringComparison.Ordinal))
            end = Digits(text, from: end + "post".Length);
        return text[..end].Contains('.', StringComparison.Ordinal) && char.IsAsciiDigit(text[0]) ? text[..end].TrimEnd('.') : null;
    }

    /// <summary>Where digits and dots end.</summary>
    private static int Digits(string text, int from)
    {
        while (from < text.Length && (char.IsAsciiDigit(text[from]) || text[from] == '.'))
            from++;
        return from;
    }

    private static (InferenceEngine Engine, bool Starts)? Known(string? image)
    {
        // Google's build of TGI has CUDA and Python of its base image in its name (cloud.google.com/deep-learning-containers).
        if (image is not null && Path.GetFileName(Parts(image).Repository).StartsWith("huggingface-text-generation-inference-cu", StringComparison.Ordinal))
            return (InferenceEngine.TGI, true);
        foreach (var (repository, engine, starts) in Images)
        {
            if (image is not null && Parts(image).Repository.EndsWith(repository, StringComparison.Ordinal))
                return (engine, starts);
        }
        return null;
    }

    /// <summary>A digest may stand behind the tag; a colon before the last slash is that of a port.</summary>
    private static (string Repository, string Tag) Parts(string image)
    {
        var name = image.Split('@')[0];
        var colon = name.LastIndexOf(':');
        return colon > name.LastIndexOf('/') ? (name[..colon], name[(colon + 1)..]) : (name, "");
    }

    private static bool Matches(IReadOnlyList<string> words, int at, string[] program) => at + program.Length <= words.Count
        && Path.GetFileName(words[at]) == program[0]
        && program.Skip(1).Select((word, next) => words[at + 1 + next] == word).All(same => same);
}
