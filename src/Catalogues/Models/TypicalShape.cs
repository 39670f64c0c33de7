namespace GpuMem.Catalogues.Models;

/// <summary>
/// A plausible decoder for a number of parameters: heads of 128, one layer per 128 of hidden size as in Llama-2-7B and 13B,
/// eight key-value heads where they divide, and the feed-forward width that makes up the rest.
/// </summary>
public static class TypicalShape
{
    private const int Step = 128;
    private const long SmallModel = 1_000_000_000;

    /// <param name="text">A number of parameters, such as <c>7B</c> or <c>1.5b</c>.</param>
    /// <exception cref="ModelFormatException">The text is no number between a hundred million and ten trillion.</exception>
    public static ModelArchitecture Of(string text) => Of(text, ParameterCountText.Parse(text));

    private static ModelArchitecture Of(string name, long parameters)
    {
        // The smallest hidden size that reaches the count with a feed-forward of four times its width.
        var hidden = (long)Step;
        while (hidden < ModelLimits.MaxHiddenSize && Shape(name, parameters, hidden, 4 * hidden).Parameters < parameters)
            hidden += Step;

        var bare = Shape(name, parameters, hidden, feedForward: 0);
        var perWidth = 3 * hidden * bare.Layers;
        var width = DivideUp(Math.Max(parameters - bare.Parameters, perWidth), perWidth);
        return bare with { FeedForwardSize = DivideUp(width, Step) * Step };
    }

    private static long DivideUp(long count, long parts) => (count + parts - 1) / parts;

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
