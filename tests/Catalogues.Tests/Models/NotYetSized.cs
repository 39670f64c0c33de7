namespace GpuMem.Catalogues.Tests.Models;

/// <summary>The models of the catalogue that are not sized within 0.5 % of what is published yet, by reason.</summary>
internal static class NotYetSized
{
    /// <summary>Towers beside the language model are counted roughly or not at all.</summary>
    public static readonly HashSet<string> Towers =
    [
        "google/gemma-3n-E4B-it", "google/gemma-4-26B-A4B", "google/gemma-4-31B-it", "google/gemma-4-E2B", "google/gemma-4-E4B",
        "HuggingFaceTB/SmolVLM-256M-Instruct", "HuggingFaceTB/SmolVLM-500M-Instruct", "HuggingFaceTB/SmolVLM-Instruct",
        "LGAI-EXAONE/EXAONE-4.5-33B",
        "meta-llama/Llama-3.2-11B-Vision-Instruct", "meta-llama/Llama-4-Scout-17B-16E-Instruct",
        "mistral-community/pixtral-12b", "mistralai/Devstral-Small-2-24B-Instruct-2512", "mistralai/Magistral-Small-2509",
        "mistralai/Ministral-3-14B-Instruct-2512", "mistralai/Ministral-3-3B-Instruct-2512", "mistralai/Ministral-3-8B-Instruct-2512",
        "mistralai/Mistral-Small-3.1-24B-Instruct-2503", "mistralai/Mistral-Small-3.2-24B-Instruct-2506",
        "nvidia/Gemma-4-26B-A4B-NVFP4", "nvidia/Gemma-4-31B-IT-NVFP4",
        "OpenGVLab/InternVL3-1B-hf", "OpenGVLab/InternVL3-2B-hf", "OpenGVLab/InternVL3-8B-hf", "OpenGVLab/InternVL3-14B-hf", "OpenGVLab/InternVL3-38B-hf",
        "OpenGVLab/InternVL3_5-1B-HF", "OpenGVLab/InternVL3_5-2B-HF", "OpenGVLab/InternVL3_5-4B-HF", "OpenGVLab/InternVL3_5-8B-HF",
        "OpenGVLab/InternVL3_5-14B-HF", "OpenGVLab/InternVL3_5-38B-HF",
        "Qwen/Qwen2-VL-2B-Instruct", "Qwen/Qwen2-VL-7B-Instruct",
        "Qwen/Qwen2.5-VL-3B-Instruct", "Qwen/Qwen2.5-VL-7B-Instruct", "Qwen/Qwen2.5-VL-32B-Instruct",
    ];

    /// <summary>Embedding models, whose files have no output matrix while their class has one.</summary>
    public static readonly HashSet<string> WithoutHead = ["intfloat/e5-mistral-7b-instruct", "Qwen/Qwen3-Embedding-8B"];

    /// <summary>Known and refused: encoders beside BERT's kin, projected embeddings, a number that is a list of one for each layer.</summary>
    public static readonly HashSet<string> Refused =
    [
        "answerdotai/ModernBERT-base", "answerdotai/ModernBERT-large", "facebook/opt-350m", "tencent/Hunyuan-A13B-Instruct",
    ];
}
