using static GpuMem.Catalogues.Parts.Attentions;
using static GpuMem.Catalogues.Parts.DecoderTypes;
using static GpuMem.Catalogues.Parts.Ends;
using static GpuMem.Catalogues.Parts.FeedForwards;
using static GpuMem.Catalogues.Parts.PartCount;

namespace GpuMem.Catalogues.Parts;

/// <summary>BART's kin (arXiv 1910.13461): a decoder that attends to its own tokens and to an encoder's, and the encoder unless the file names a decoder alone.</summary>
internal static class SequenceToSequenceTypes
{
    private static readonly Part[] Block = [Grouped(bias: Always, keyValueHeads: s => s.Heads), Grouped(bias: Always, keyValueHeads: s => s.Heads, cross: true), Plain(bias: Always), Norms(3, bias: true)];

    private static readonly ModelType Bart = new()
    {
        Start = [Positions(2), Norms(1, bias: true), (s, c) => Encoder(s, c, 2, 1)], Layer = Block, End = [], Tied = true, Layers = DecoderLayers,
    };

    private static readonly ModelType Pegasus = Bart with { Start = [Positions(), (s, c) => Encoder(s, c, 0, 1)], End = [Norms(1, bias: true)] };

    public static readonly Dictionary<string, ModelType> Types = new()
    {
        ["bart"] = Bart,
        ["mvp"] = Bart,
        ["plbart"] = Bart,
        ["blenderbot-small"] = Bart with { Start = [Positions(), Norms(1, bias: true), (s, c) => Encoder(s, c, 0, 1)] },
        ["mbart"] = Bart with { Start = [Positions(2), Norms(1, bias: true), (s, c) => Encoder(s, c, 2, 2)], End = [Norms(1, bias: true)] },
        ["blenderbot"] = Pegasus,
        ["pegasus"] = Pegasus,
        ["marian"] = Bart with { Start = [Positions(), (s, c) => Encoder(s, c, 0, 0)], TokenRows = s => s.Fields.Number("decoder_vocab_size") ?? Vocabulary(s) },
        ["bigbird_pegasus"] = Bart with
        {
            Start = [Positions(), Norms(1, bias: true)],
            Layer = [Grouped(bias: s => s.Is("use_bias")), Grouped(bias: s => s.Is("use_bias"), cross: true), Plain(bias: Always), Norms(3, bias: true)], AlwaysTied = false,
        },
        ["trocr"] = Bart with { Start = [Table(s => s.Is("use_learned_position_embeddings", true) ? s.Need("max_position_embeddings") + 2 : 0), Norms(s => s.Is("layernorm_embedding", true) ? 1 : 0, bias: true)] },
        ["whisper"] = Bart with
        {
            Start = [Table(s => s.Need("max_target_positions")), WhisperEncoder],
            Layer = [WhisperAttention(cross: false), WhisperAttention(cross: true), Plain(bias: Always), Norms(3, bias: true)], End = [Norms(1, bias: true)],
        },
        ["prophetnet"] = Bart with
        {
            // Several futures are predicted at once; relative positions are computed from the hidden states (arXiv 2001.04063).
            Start = [Positions(), Table(s => s.Need("ngram")), Norms(1, bias: true)],
            Layer = [.. Block, Matrix(s => s.Hidden, s => Times(s.Heads, s.Need("num_buckets"))), Vector(s => Times(s.Heads, s.Need("num_buckets")))],
        },
    };

    private static long DecoderLayers(Models.ConfigFields fields) => fields.RequiredNumber("decoder_layers", "num_decoder_layers", "num_hidden_layers");

    private static bool HasEncoder(LayerScope scope) => scope.Fields.Texts("architectures") is not { Count: > 0 } names || !names[0].EndsWith("ForCausalLM", StringComparison.Ordinal);

    private static void Encoder(LayerScope scope, PartCount count, long extraPositions, int norms) =>
        Encoder(scope, count, scope.Need("max_position_embeddings") + extraPositions, norms, keyBias: true);

    private static void Encoder(LayerScope scope, PartCount count, long positions, int norms, bool keyBias)
    {
        if (!HasEncoder(scope))
            return;
        var (layers, width) = (scope.FurtherLayers("encoder_layers"), scope.Need("encoder_ffn_dim"));
        count.Table(positions, scope.Hidden);
        count.Matrix(scope.Hidden, scope.Hidden, 4 * layers);
        count.Matrix(scope.Hidden, width, 2 * layers);
        count.Vector(Times(layers, ((keyBias ? 9 : 8) * scope.Hidden) + width) + (2 * norms * scope.Hidden));
    }

    /// <summary>Keys have no bias.</summary>
    private static Part WhisperAttention(bool cross) => (scope, count) =>
    {
        Grouped(bias: Never, cross: cross)(scope, count);
        count.Vector(3 * scope.Hidden);
    };

    /// <summary>Two convolutions over the spectrum come first.</summary>
    private static void WhisperEncoder(LayerScope scope, PartCount count)
    {
        if (!HasEncoder(scope))
            return;
        Encoder(scope, count, scope.Need("max_source_positions"), norms: 1, keyBias: false);
        count.Matrix(scope.Hidden, 3 * (scope.Need("num_mel_bins") + scope.Hidden));
        count.Vector(2 * scope.Hidden);
    }
}
