using static GpuMem.Catalogues.Parts.Attentions;
using static GpuMem.Catalogues.Parts.DecoderTypes;
using static GpuMem.Catalogues.Parts.Ends;
using static GpuMem.Catalogues.Parts.FeedForwards;
using static GpuMem.Catalogues.Parts.PartCount;

namespace GpuMem.Catalogues.Parts;

/// <summary>BERT's kin (arXiv 1810.04805) with their head for the next token: biases and norms with biases everywhere.</summary>
internal static class EncoderTypes
{
    private static readonly Part[] Block = [Grouped(bias: Always, keyValueHeads: s => s.Heads), Plain(bias: Always), Norms(2, bias: true)];

    private static readonly Part[] Prediction = [Whole(s => s.Hidden, s => s.Hidden), Vector(s => s.Hidden), Norms(1, bias: true), HeadBias()];

    private static readonly ModelType Bert = new()
    {
        Start = [Positions(), TokenTypes, Norms(1, bias: true)], Layer = Block, End = Prediction, Tied = true,
    };

    public static readonly ModelType Git = Bert with
    {
        Start = [Positions(), Norms(1, bias: true)], End = [HeadBias()], AlwaysTied = false,
    };

    public static readonly Dictionary<string, ModelType> Types = new()
    {
        ["bert-generation"] = Bert with { Start = [Positions(), Norms(1, bias: true)], End = [HeadBias()] },
        ["data2vec-text"] = Bert,
        ["bert"] = Bert,
        ["roberta"] = Bert,
        ["xlm-roberta"] = Bert,
        ["camembert"] = Bert,
        ["ernie"] = Bert with { Start = [.. Bert.Start, Table(s => s.Is("use_task_id") ? s.Or0("task_type_vocab_size") : 0)] },
        ["big_bird"] = Bert with { Start = [.. Bert.Start, Whole(s => s.Hidden, s => s.Hidden), Vector(s => s.Hidden)] },
        ["megatron-bert"] = Bert with { Start = [Positions(), TokenTypes], End = [Norms(1, bias: true), .. Prediction] },
        ["roberta-prelayernorm"] = Bert with { End = [Norms(1, bias: true), .. Prediction] },
        ["xlm-roberta-xl"] = Bert with { Start = [Positions(), TokenTypes], End = [Norms(1, bias: true), .. Prediction] },
        ["xmod"] = Bert with
        {
            // Adapters of each language in each layer (arXiv 2205.06266).
            Layer = [.. Block, (s, c) => Adapter(s, c)],
        },
        ["roformer"] = Bert with { Start = [Table(s => s.Need("max_position_embeddings"), s => s.HeadDimension), TokenTypes, Norms(1, bias: true)] },
        ["electra"] = Bert with
        {
            Start =
            [
                Table(s => s.Need("max_position_embeddings"), Narrow), Table(s => s.Or0("type_vocab_size"), Narrow), Vector(s => 2 * Narrow(s)),
                Matrix(s => Narrow(s) == s.Hidden ? 0 : s.Hidden, Narrow), Vector(s => Narrow(s) == s.Hidden ? 0 : s.Hidden),
            ],
            End = [Whole(s => s.Hidden, Narrow), Vector(s => 3 * Narrow(s)), HeadBias()], TokenWidth = Narrow,
        },
        ["rembert"] = Bert with
        {
            Start =
            [
                Table(s => s.Need("max_position_embeddings"), InputWidth), Table(s => s.Or0("type_vocab_size"), InputWidth), Vector(s => 2 * InputWidth(s)),
                Matrix(s => s.Hidden, InputWidth), Vector(s => s.Hidden),
            ],
            End = [Matrix(s => s.Hidden, OutputWidth), Vector(s => 3 * OutputWidth(s)), HeadBias()],
            TokenWidth = InputWidth, Output = s => (Vocabulary(s), OutputWidth(s)), AlwaysTied = false,
        },
        ["roc_bert"] = Bert with
        {
            Start =
            [
                .. Bert.Start,
                Table(s => s.Is("enable_pronunciation", true) ? s.Need("pronunciation_vocab_size") : 0, s => s.Need("pronunciation_embed_dim")),
                Table(s => s.Is("enable_shape", true) ? s.Need("shape_vocab_size") : 0, s => s.Need("shape_embed_dim")),
                Matrix(s => s.Is("concat_input", true) ? s.Hidden : 0, s => s.Hidden + (s.Is("enable_pronunciation", true) ? s.Need("pronunciation_embed_dim") : 0) + (s.Is("enable_shape", true) ? s.Need("shape_embed_dim") : 0)),
                Vector(s => s.Is("concat_input", true) ? s.Hidden : 0),
            ],
        },
        ["xlm"] = Bert with
        {
            Start = [Positions(), Table(s => s.Is("use_lang_emb", true) && s.Or0("n_langs") > 1 ? s.Or0("n_langs") : 0), Norms(1, bias: true)],
            Layer = [Grouped(bias: Always), Plain(s => Times(4, s.Hidden), Always), Norms(2, bias: true)], End = [HeadBias()],
        },
        ["flaubert"] = Bert with { Start = [Positions(), Norms(1, bias: true)], Layer = [Grouped(bias: Always), Plain(s => Times(4, s.Hidden), Always), Norms(2, bias: true)], End = [HeadBias()] },
        ["xlnet"] = Bert with
        {
            // Relative positions have a matrix of their own, and biases by head (arXiv 1906.08237).
            Start = [Vector(s => s.Hidden)],
            Layer = [Grouped(bias: Never, vectors: s => 5 * Times(s.Heads, s.HeadDimension)), Matrix(s => s.Hidden, s => Times(s.Heads, s.HeadDimension)), Plain(bias: Always), Norms(2, bias: true)],
            End = [HeadBias()],
        },
    };

    public static void TokenTypes(LayerScope scope, PartCount count) => count.Table(scope.Or0("type_vocab_size"), scope.Hidden);

    private static long Narrow(LayerScope scope) => scope.Need("embedding_size", "hidden_size");

    private static long InputWidth(LayerScope scope) => scope.Need("input_embedding_size");

    private static long OutputWidth(LayerScope scope) => scope.Need("output_embedding_size");

    private static void Adapter(LayerScope scope, PartCount count)
    {
        var languages = scope.Fields.Texts("languages")?.Count ?? 1;
        var inner = scope.Hidden / Math.Max(1, scope.Fields.Number("adapter_reduction_factor") ?? 2);
        count.Matrix(scope.Hidden, inner, 2 * languages);
        count.Vector(Times(languages, inner + scope.Hidden));
        count.Vector(2 * scope.Hidden, scope.Is("adapter_layer_norm"));
    }
}
