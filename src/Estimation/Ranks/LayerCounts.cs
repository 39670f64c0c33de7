namespace GpuMem.Estimation.Ranks;

/// <summary>How many layers of each kind a pipeline stage holds. Encoders come first.</summary>
internal readonly record struct LayerCounts(long Dense, long Experts, long Encoder, long StateSpace)
{
    public long this[LayerKind kind] => kind switch
    {
        LayerKind.Dense => Dense,
        LayerKind.Experts => Experts,
        LayerKind.Encoder => Encoder,
        _ => StateSpace,
    };

    /// <summary>With a layer for each module that predicts further tokens: like the model's last ones.</summary>
    public LayerCounts WithModules(ModelArchitecture model, int modules) => modules == 0 ? this
        : model.Experts is null && (model.Parts is not { } parts || parts.Layers[^1].Experts == 0) ? this with { Dense = Dense + modules } : this with { Experts = Experts + modules };

    public static LayerCounts Of(ModelArchitecture model, in PipelineStage stage)
    {
        var (start, end) = (stage.Start, stage.Start + stage.Layers);
        var encoder = Math.Max(0, Math.Min(end, model.EncoderLayers) - start);
        var decoder = stage.Layers - encoder;
        if (model.Parts is { } parts)
        {
            var mixtures = 0L;
            for (var index = start; index < end; index++)
                mixtures += parts.Layers[(int)index].Experts > 0 ? 1 : 0;
            return new LayerCounts(stage.Layers - mixtures, mixtures, 0, 0);
        }

        if (model.Experts is { } experts)
        {
            var withExperts = experts.LayersAmong(end) - experts.LayersAmong(start);
            return new LayerCounts(decoder - withExperts, withExperts, encoder, 0);
        }

        // Hybrids spread their few attention layers evenly; a stage may have one more than its share.
        var attention = model.StateSpace is { } states ? Ratio.DivideUp(decoder * (model.Layers - states.Layers), model.Layers) : decoder;
        return new LayerCounts(attention, 0, encoder, decoder - attention);
    }
}
