namespace GpuMem.Estimation.Ranks;

/// <summary>
/// Parameters of a module that predicts a further token, beside its layer, as Megatron Core divides them (core/transformer/multi_token_prediction.py): the
/// matrix that joins its two inputs is column-parallel, the norms of both and of the result are whole.
/// </summary>
internal static class PredictionTally
{
    public static ParameterTally Of(ModelArchitecture model, in RankShape shape)
    {
        var joined = ParameterTally.Vector(LayerTally.Norms(model, 3)) + ParameterTally.Matrix(checked(2 * shape.Hidden), Ratio.DivideUp(shape.Hidden, shape.Tensor));

        // Layers that are told one by one are not counted by kind.
        return model.Parts is { } parts ? joined + PartsTally.Of(parts.Layers[^1], shape) : joined;
    }

    /// <summary>The last stage of several looks further tokens up in an embedding of its own; a tied one is there already.</summary>
    public static ParameterTally Embedding(ModelArchitecture model, in PipelineStage stage, in RankShape shape)
    {
        var table = stage.IsFirst || model.TiedEmbeddings ? 0 : checked(shape.Vocabulary * shape.Hidden);
        return new(table, 0, 0, table, table == 0 ? 0 : checked(shape.Vocabulary + shape.Hidden));
    }
}
