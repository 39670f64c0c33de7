using System.Text.Json.Nodes;
using GpuMem.Estimation.Models;

namespace GpuMem.Api.TrainingJobs;

[Description("A model, by name, by its Hugging Face config.json, by its dimensions or roughly by its size.")]
[ValidationRule(
    "(has(self.name) ? 1 : 0) + (has(self.config) ? 1 : 0) + (has(self.configMapKeyRef) ? 1 : 0) + (has(self.architecture) ? 1 : 0) + (has(self.parameters) ? 1 : 0) == 1",
    message: "give exactly one of name, config, configMapKeyRef, architecture and parameters")]
public sealed class ModelSpec
{
    [Length(1, 253)]
    [Description("Hugging Face id or unambiguous short name in the built-in catalogue. Example: meta-llama/Llama-3.1-8B.")]
    public string? Name { get; set; }

    [PreserveUnknownFields]
    [Description("A Hugging Face config.json, verbatim.")]
    public JsonObject? Config { get; set; }

    [Description("A config.json in a ConfigMap of this namespace.")]
    public ConfigMapKeyReference? ConfigMapKeyRef { get; set; }

    [Description("The dimensions of a decoder.")]
    public ArchitectureSpec? Architecture { get; set; }

    [Length(1, 16)]
    [Pattern(@"^[0-9]+(\.[0-9]+)?[MBT]$")]
    [Description(
        "Roughly how many parameters, in millions (M), billions (B) or trillions (T). The dimensions are inferred, so the estimate is "
        + "wide. Example: 7B.")]
    public string? Parameters { get; set; }

    [Description(
        "Whether this run keeps embedding and output matrix as one tensor: some programs untie them. Default: as the model says. "
        + "Example: false.")]
    public bool? TiedEmbeddings { get; set; }

    [Description(
        "Whether attention and feed-forward have dropout on their outputs in this run, which keeps a mask of one byte per element "
        + "each. Default: as the model says. Example: true.")]
    public bool? HiddenDropout { get; set; }
}

public sealed class ConfigMapKeyReference
{
    [Required]
    [Length(1, 253)]
    [Pattern("^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$")]
    [Description("Name of the ConfigMap, in the same namespace.")]
    public string? Name { get; set; }

    [Required]
    [Length(1, 253)]
    [Description("Key of the config.json. Example: config.json.")]
    public string? Key { get; set; }
}

[Description("Dimensions of a decoder, in elements.")]
public sealed class ArchitectureSpec
{
    [Required]
    [RangeMinimum(1)]
    [RangeMaximum(1_000_000)]
    [Description("Width of the residual stream (hidden_size). Example: 4096.")]
    public long? HiddenSize { get; set; }

    [Required]
    [RangeMinimum(1)]
    [RangeMaximum(10_000)]
    [Description("Decoder layers (num_hidden_layers). Example: 32.")]
    public int? Layers { get; set; }

    [Required]
    [RangeMinimum(1)]
    [RangeMaximum(100_000)]
    [Description("Query heads (num_attention_heads). Example: 32.")]
    public int? AttentionHeads { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(100_000)]
    [Description("Key and value heads (num_key_value_heads). Default: as many as query heads. Example: 8.")]
    public int? KeyValueHeads { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(100_000)]
    [Description("Width of one head (head_dim). Default: hiddenSize / attentionHeads. Example: 128.")]
    public int? HeadDimension { get; set; }

    [Required]
    [RangeMinimum(1)]
    [RangeMaximum(10_000_000)]
    [Description("Width of the feed-forward layer (intermediate_size). Example: 14336.")]
    public long? FeedForwardSize { get; set; }

    [Required]
    [RangeMinimum(1)]
    [RangeMaximum(100_000_000)]
    [Description("Tokens in the vocabulary as deployed, padding included (vocab_size). Example: 128256.")]
    public long? VocabularySize { get; set; }

    [Description("The output matrix is the embedding (tie_word_embeddings). Default false.")]
    public bool? TiedEmbeddings { get; set; }

    [Description("Three feed-forward matrices as in SwiGLU, instead of two. Default true.")]
    public bool? GatedFeedForward { get; set; }

    [Description("The kind of norm: RMSNorm has one weight per element, LayerNorm a weight and a bias. Default RMSNorm.")]
    public Normalization? Normalization { get; set; }

    [Description("Norms of queries and keys before attention: None, PerHead as in Qwen3, or FullWidth as in OLMo 2. Default None.")]
    public QueryKeyNormalization? QueryKeyNormalization { get; set; }

    [Description("Every linear layer of a block has a bias. Default false.")]
    public bool? Bias { get; set; }

    [RangeMinimum(0)]
    [RangeMaximum(ModelLimits.MaxLearnedPositions)]
    [Description("Rows of a table of learned positions, in tokens. Default 0: positions are rotary or ALiBi. Example: 1024.")]
    public long? LearnedPositions { get; set; }

    [Description("Routed experts in place of the dense feed-forward. Default: none.")]
    public ExpertSpec? Experts { get; set; }

    [Description("Multi-head latent attention, as in DeepSeek V2 and V3. Default: ordinary attention.")]
    public LatentAttentionSpec? LatentAttention { get; set; }
}

[Description("Feed-forward layers of which a router picks a few per token. Counts and widths, in elements.")]
public sealed class ExpertSpec
{
    [Required]
    [RangeMinimum(2)]
    [RangeMaximum(ModelLimits.MaxExperts)]
    [Description("Routed experts of one layer (num_experts). Example: 128.")]
    public int? Count { get; set; }

    [Required]
    [RangeMinimum(1)]
    [RangeMaximum(ModelLimits.MaxExperts)]
    [Description("Experts that the router picks for a token (num_experts_per_tok). Example: 8.")]
    public int? ActivePerToken { get; set; }

    [Required]
    [RangeMinimum(1)]
    [RangeMaximum(10_000_000)]
    [Description("Width of one routed expert (moe_intermediate_size). Example: 768.")]
    public long? Size { get; set; }

    [RangeMinimum(0)]
    [RangeMaximum(10_000_000)]
    [Description("Width of all experts that every token passes, together. Default 0: there are none. Example: 2048.")]
    public long? SharedSize { get; set; }

    [RangeMinimum(0)]
    [RangeMaximum(10_000)]
    [Description("Leading layers with a dense feed-forward instead (first_k_dense_replace). Default 0. Example: 3.")]
    public int? DenseLayers { get; set; }
}

[Description("Widths of multi-head latent attention, in elements.")]
public sealed class LatentAttentionSpec
{
    [RangeMinimum(0)]
    [RangeMaximum(ModelLimits.MaxRank)]
    [Description("Width through which queries pass (q_lora_rank). Default 0: they are computed directly. Example: 1536.")]
    public int? QueryRank { get; set; }

    [Required]
    [RangeMinimum(1)]
    [RangeMaximum(ModelLimits.MaxRank)]
    [Description("Width of the vector that keys and values are computed from (kv_lora_rank). Example: 512.")]
    public int? KeyValueRank { get; set; }

    [Required]
    [RangeMinimum(1)]
    [RangeMaximum(100_000)]
    [Description("Width of a head's part without positions (qk_nope_head_dim). Example: 128.")]
    public int? PlainHeadDimension { get; set; }

    [Required]
    [RangeMinimum(0)]
    [RangeMaximum(100_000)]
    [Description("Width of a head's rotary part (qk_rope_head_dim). Example: 64.")]
    public int? RotaryHeadDimension { get; set; }

    [Required]
    [RangeMinimum(1)]
    [RangeMaximum(100_000)]
    [Description("Width of a head's values (v_head_dim). Example: 128.")]
    public int? ValueHeadDimension { get; set; }
}
