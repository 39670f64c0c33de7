using Microsoft.AspNetCore.Http;

namespace GpuMem.Page.Endpoints;

/// <summary>One question of the API: how it is asked, what the answer looks like, and who answers.</summary>
/// <param name="Method">GET or POST.</param>
/// <param name="Path">From the root.</param>
/// <param name="Summary">What is asked.</param>
/// <param name="Answer">The schema of an answer.</param>
/// <param name="AnswerAsync">Answers.</param>
internal sealed record Endpoint(string Method, string Path, string Summary, JsonObject Answer, Func<HttpContext, ValueTask<JsonNode>> AnswerAsync)
{
    /// <summary>The schema of what is sent; null where nothing is.</summary>
    public JsonObject? Body { get; init; }

    /// <summary>The parameters of the query, and what each is for.</summary>
    public IReadOnlyList<(string Name, string Description)> Query { get; init; } = [];
}
