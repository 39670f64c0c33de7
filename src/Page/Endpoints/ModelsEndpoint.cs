using GpuMem.Catalogues.Models;
using GpuMem.Page.Answers;

namespace GpuMem.Page.Endpoints;

/// <summary><c>GET /api/v1/models</c>: models of the catalogue whose names hold all words of a search.</summary>
internal static class ModelsEndpoint
{
    private const int MostShown = 20;

    public static Endpoint Create() => new(
        "GET",
        $"{ApiEndpoints.Root}/models",
        "Models of the catalogue whose names hold every word of a search, at most 20, the shortest names first",
        Schema.Object(
            ("models", Schema.List(Schema.Object(
                ("name", Schema.Text("As it is written in spec.model.name.")),
                ("parameters", Schema.OrNull(Schema.Whole("Null where the model is known and cannot be sized.")))))),
            ("problem", Schema.OrNull(Schema.Text("Why none is found.")))),
        context => ValueTask.FromResult<JsonNode>(Answer(context.Request.Query["search"].ToString().Trim())))
    {
        Query = [("search", "Words, in any order.")],
    };

    private static JsonObject Answer(string search)
    {
        List<string> found = [.. Found(search).Take(MostShown)];

        // A variant, a copy or another spelling of a built-in name is no entry of its own.
        string? problem = null;
        if (found.Count == 0 && ModelCatalogue.TryFind(search, out _, out problem))
            found.Add(search);
        return new JsonObject { ["models"] = new JsonArray([.. found.Select(Json)]), ["problem"] = found.Count == 0 ? problem : null };
    }

    private static IEnumerable<string> Found(string search)
    {
        var words = search.Split([' ', '/', '-', '_'], StringSplitOptions.RemoveEmptyEntries);
        return ModelCatalogue.Ids
            .Where(id => words.All(word => id.Contains(word, StringComparison.OrdinalIgnoreCase)))
            .OrderBy(id => words.Length == 0 ? 0 : id.Length)
            .ThenBy(id => id, StringComparer.OrdinalIgnoreCase);
    }

    private static JsonNode Json(string name) => new JsonObject
    {
        ["name"] = name,
        ["parameters"] = ModelCatalogue.TryFind(name, out var model, out _) ? model.Parameters : null,
    };
}
