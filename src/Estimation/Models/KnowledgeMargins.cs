namespace GpuMem.Estimation.Models;

/// <summary>Guessed dimensions are wrong by more than any formula; "7B" is 6.7 to 8.5 billion among published models.</summary>
internal static class KnowledgeMargins
{
    /// <returns>What is certain and what is not exceeded, in percent of what was computed.</returns>
    public static (int Least, int Most) Percent(ModelKnowledge knowledge) => knowledge switch
    {
        ModelKnowledge.ParameterCountOnly => (85, 140),
        ModelKnowledge.UnknownFamily => (95, 110),
        ModelKnowledge.LanguagePartOnly => (100, 107),
        _ => (100, 100),
    };
}
