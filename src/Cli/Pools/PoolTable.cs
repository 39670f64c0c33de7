using System.Globalization;
using GpuMem.Api.Nodes;

namespace GpuMem.Cli.Pools;

/// <summary>Pools for people, one on a line.</summary>
internal static class PoolTable
{
    private static readonly string[] Columns = ["NAME", "RESOURCE", "PRODUCT", "MEMORY", "GPUS", "FREE", "SOURCE", "PRICE"];

    public static void Write(IReadOnlyList<PoolEntry> entries, FreeGpus free, bool isWide, TextWriter output)
    {
        var hasReasons = isWide || entries.Any(IsRemarkable);
        List<string[]> rows = [[.. Columns, .. isWide ? (string[])["NODES"] : [], .. hasReasons ? (string[])["REASON"] : []], .. entries.Select(entry => (string[])
        [
            entry.Pool.Name,
            entry.Pool.ResourceName,
            entry.Pool.Product,
            Memory(entry),
            Text(entry.Gpus),
            free.In(entry) is { } gpus ? Text(gpus) : "-",
            entry.Source.ToString(),
            entry.Pool.PricePerGpuHour?.ToString("0.#########", CultureInfo.InvariantCulture) ?? "-",
            .. isWide ? (string[])[Nodes(entry)] : [],
            .. hasReasons ? (string[])[isWide || IsRemarkable(entry) ? entry.Remark ?? "" : ""] : [],
        ])];
        TextTable.Write(rows, output);
    }

    /// <summary>Somebody has to do something about it: what was merely assumed, only a wide table says.</summary>
    private static bool IsRemarkable(PoolEntry entry) => entry.Pool.UsableMemory is null || entry.Ignored is not null || entry.Conflict is not null;

    private static string Memory(PoolEntry entry) => entry.Pool.UsableMemory?.ToString() ?? "unknown";

    private static string Nodes(PoolEntry entry) => entry.Pool.MaxNodes is { } most ? $"{entry.Nodes.Count} of {most}" : entry.Pool.MayGrow ? $"{entry.Nodes.Count}+" : Text(entry.Nodes.Count);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
