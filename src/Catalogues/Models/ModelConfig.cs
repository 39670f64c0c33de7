using GpuMem.Catalogues.Parts;

namespace GpuMem.Catalogues.Models;

/// <summary>Which reader a configuration is for.</summary>
internal static class ModelConfig
{
    public static ModelArchitecture Read(ConfigFields fields, string name)
    {
        var modelType = fields.ModelType;
        switch (modelType)
        {
            case "bert" or "roberta" or "xlm-roberta" or "camembert" when WritesText(fields):
                return PartsReader.Read(fields, name, ModelTypes.Find(modelType)!);
            case "bert" or "roberta" or "xlm-roberta" or "camembert" or "distilbert":
                return EncoderConfig.Read(fields, name);
            case "t5" or "mt5":
                return EncoderDecoderConfig.Read(fields, name);
            case "mamba2":
            case null when fields.Nested("ssm_cfg")?.Text("layer") == "Mamba2":
                return RecurrentConfig.Read(fields, name);
            case var _ when ModelFamily.Find(modelType) is null && ModelTypes.Find(modelType) is { } type:
                return PartsReader.Read(fields, name, type);
            default:
                Refusals.Check(fields, modelType);
                return DecoderConfig.Read(fields, name);
        }
    }

    /// <summary>The file names the class that predicts the next token, not the encoder.</summary>
    private static bool WritesText(ConfigFields fields) =>
        fields.Texts("architectures") is { Count: > 0 } names && (names[0].EndsWith("ForCausalLM", StringComparison.Ordinal) || names[0].EndsWith("LMHeadModel", StringComparison.Ordinal));
}
