namespace GpuMem.Estimation.Models;

/// <summary>
/// A plausible decoder for a number of parameters: heads of 128, one layer per 128 of hidden size as in Llama-2-7B and 13B,
/// eight key-value heads where they divide, and the feed-forward width that makes up the rest.
/// </summary>
internal static class TypicalShape
{
    private const int Step = 128;
    private const long SmallModel = 1_000_000_000;

    public static ModelArchitecture Of(string name, long parameters)
    {
        // The smallest hidden size that reaches the count with a feed-forward of four times its width.
        var hidden = (long)Step;
        while (hidden < ModelLimits.MaxHiddenSize && Shape(name, parameters, hidden, 4 * hidden).Parameters < parameters)
            hidden += Step;

        var bare = Shape(name, parameters, hidden, feedForward: 0);
        var perWidth = 3 * hidden * bare.Layers;
        var width = Ratio.DivideUp(Math.Max(parameters - bare.Parameters, perWidth), perWidth);
        return bare with { FeedForwardSize = Ratio.DivideUp(width, Step) * Step };
    }

    private static ModelArchitecture Shape(string name, long parameters, long hidden, long feedForward)
    {
        var heads = (int)(hidden / Step);
        return new ModelArchitecture
        {
            Name = name,
            HiddenSize = hidden,
            Layers = heads,
            AttentionHeads = heads,
            KeyValueHeads = heads % 8 == 0 ? 8 : heads,
            HeadDimension = Step,
            FeedForwardSize = feedForward,
            VocabularySize = parameters < SmallModel ? 50_304 : 128_256,
            TiedEmbeddings = parameters < SmallModel,
            Knowledge = ModelKnowledge.ParameterCountOnly,
        };
    }
}
