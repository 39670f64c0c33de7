namespace GpuMem.Catalogues.Models;

/// <summary>How a checkpoint's weights are stored, as <c>quantization_config</c> says (huggingface/transformers utils/quantization_config.py).</summary>
internal static class CheckpointConfig
{
    private static readonly string[] LeftAlone = ["ignore", "modules_to_not_convert", "ignored_layers", "exclude_modules", "exclude", "llm_int8_skip_modules", "skip_modules", "linear_weights_not_to_quantize"];

    // The one that says most comes last.
    private static readonly string[] Methods = ["quant_algo", "format", "quant_method"];

    /// <param name="model">The model without its storage.</param>
    /// <param name="fields">The object itself.</param>
    /// <param name="path">Where it stands.</param>
    /// <param name="modelType">What its class is called.</param>
    /// <param name="experts">The type of the routed experts, where the file says it beside the quantisation.</param>
    public static ModelArchitecture Read(ModelArchitecture model, ConfigFields fields, string path, string? modelType, string? experts = null)
    {
        // hf_quant_config.json, which ModelOpt writes beside a config.json, has one level more.
        var stated = fields.Nested("quantization") ?? fields;
        var method = stated.Text("quant_method")?.ToLowerInvariant();
        var rules = StorageRules.OfLayers(stated);
        QuantizationSpec? usual, others;
        if (rules.Count > 0)
        {
            // ModelOpt's mixed exports name what they quantise; over an FP8 checkpoint the rest stays FP8, and their other list is of their own exceptions.
            (usual, others) = (rules[0].Format, method == "fp8" ? new(QuantizationScheme.FP8) : null);
        }
        else
        {
            AddExceptions(stated, rules);
            var exceptions = rules.Count;
            if (method == "hqq")
                StorageRules.AddNames(stated, rules);
            others = StorageRules.AddGroups(stated, rules) ?? (rules.Count > exceptions ? null : OfMethod(stated, method));
            StorageRules.AddLayers(stated, rules);
            AddExperts(experts ?? stated.Text("expert_dtype"), method, rules);
            usual = others ?? rules.Find(rule => rule.Format is not null).Format;
        }

        // A list that cannot be followed may leave anything alone: what it says is then not known either.
        return usual is null || Unread(stated) is not null
            ? model with { UnknownStorage = Unread(stated) is { } entry && usual is not null ? $"{path} with '{entry}'" : Unknown(stated, path) }
            : model with { CheckpointQuantization = new CheckpointStorage(usual, new StorageRules(model, usual, others, rules).Parts(modelType)) };
    }

    private static void AddExceptions(ConfigFields fields, List<StorageRule> rules)
    {
        foreach (var list in LeftAlone)
            foreach (var entry in fields.Texts(list) ?? [])
                rules.AddRange(ModulePattern.Read(entry).Select(pattern => new StorageRule(pattern, null)));

        // AutoGPTQ's flag for a quantised output matrix.
        if (fields.Flag("lm_head") == true && OfMethod(fields, fields.Text("quant_method")?.ToLowerInvariant()) is { } format)
            rules.AddRange(ModulePattern.Read("lm_head").Select(pattern => new StorageRule(pattern, format)));
    }

    /// <summary>DeepSeek V4 states its experts' type beside an FP8 quantisation: fp4 is MXFP4 (vllm model_executor/models/deepseek_v4/quant_config.py).</summary>
    private static void AddExperts(string? type, string? method, List<StorageRule> rules)
    {
        if (type == "fp4" && method == "fp8")
            rules.AddRange(ModulePattern.Read("experts").Select(pattern => new StorageRule(pattern, new(QuantizationScheme.MXFP4))));
    }

    private static string? Unread(ConfigFields fields) => LeftAlone.SelectMany(list => fields.Texts(list) ?? []).FirstOrDefault(entry => !ModulePattern.Read(entry).Any());

    private static QuantizationSpec? OfMethod(ConfigFields fields, string? method) => (method, fields.Fraction("bits") ?? 4) switch
    {
        ("gptq" or "auto-round" or "intel/auto-round" or "inc", 4) => new(QuantizationScheme.GPTQ4, StoredFormat.Group(fields)),
        ("gptq" or "auto-round" or "intel/auto-round" or "inc", 8) => new(QuantizationScheme.GPTQ8, StoredFormat.Group(fields)),
        ("awq", 4) => new(QuantizationScheme.AWQ4, StoredFormat.Group(fields)),
        ("fp8" or "fbgemm_fp8", _) => new(QuantizationScheme.FP8),
        ("mxfp4", _) => new(QuantizationScheme.MXFP4),
        ("bitsandbytes", _) => StoredFormat.BitsAndBytes(fields),
        ("eetq", _) => new(QuantizationScheme.INT8),
        ("quark", _) => StoredFormat.OfQuark(fields.Nested("global_quant_config")),
        ("torchao", _) => StoredFormat.OfTorchao(fields),
        ("hqq", _) => StoredFormat.OfHqq(fields.Nested("quant_config")),
        ("aqlm", _) => StoredFormat.OfAqlm(fields),
        ("gguf", _) => StoredFormat.OfFile(fields.Text("gguf_file") ?? fields.Text("quant_type")),
        ("compressed-tensors", _) => StoredFormat.OfPacking(fields.Text("format")),
        _ => StoredFormat.OfAlgorithm(fields.Text("quant_algo"), StoredFormat.Group(fields)),
    };

    private static string Unknown(ConfigFields fields, string path) =>
        Methods.Where(fields.Has).Select(name => $"{path}.{name} {fields.Text(name)}{(fields.Fraction("bits") is { } bits ? $" of {bits} bits" : "")}").LastOrDefault() ?? $"{path} without quant_method";
}
