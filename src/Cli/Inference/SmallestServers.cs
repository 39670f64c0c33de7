using System.Globalization;
using System.Text.Json.Nodes;
using GpuMem.Planning.Serving;

namespace GpuMem.Cli.Inference;

/// <summary>The smallest servers that hold a model, one for each kind of GPU, for people and for machines.</summary>
internal static class SmallestServers
{
    private const int Shown = 15;

    /// <returns>The status to end with.</returns>
    public static int Write(IReadOnlyList<ServerCandidate> servers, string format)
    {
        if (format is "json" or "yaml")
            OutputFormat.Write(new JsonArray([.. servers.Select(Json)]), format, Console.Out);
        else if (servers.Count == 0)
            Console.Out.WriteLine("No node of 8 GPUs that are built in holds it: give a shorter context, a quantised checkpoint or --pipeline.");
        else
            foreach (var server in format == "wide" ? servers : servers.Take(Shown))
                Console.Out.WriteLine(Line(server));
        return servers.Count > 0 ? ExitStatus.Fits : ExitStatus.DoesNotFit;
    }

    private static string Line(ServerCandidate server) => string.Create(
        CultureInfo.InvariantCulture,
        $"{server.Gpus,3} × {server.Pool.Name,-34} {server.Pool.UsableMemory!.Value.GiB * server.Gpus,7:0} GiB   holds {server.Capacity!.Tokens:N0} tokens, a context of {server.Capacity.MaxContext:N0}");

    private static JsonNode Json(ServerCandidate server) => new JsonObject
    {
        ["gpu"] = server.Pool.Name,
        ["gpus"] = server.Gpus,
        ["tensor"] = server.Spec.Tensor,
        ["tokens"] = server.Capacity!.Tokens,
        ["maxContext"] = server.Capacity.MaxContext,
    };
}
