using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using GpuMem.Catalogues.Gpus;
using GpuMem.Page.Answers;

namespace GpuMem.Cli.Gpus;

/// <summary><c>gpumem gpus</c>: the accelerators that are built in, with what a process can allocate on them and how fast they are.</summary>
internal static class GpusCommand
{
    private static readonly string[] Columns = ["GPU", "MEMORY", "LABEL MiB", "GB/s", "BF16 TFLOP/s", "FP8 TFLOP/s", "LINK", "LINK GB/s"];

    public static Command Create()
    {
        var prices = new Option<string[]>("--price") { Description = "price of a GPU per hour, as NAME=PRICE, e.g. h100-80gb=2.99; may be repeated", DefaultValueFactory = _ => [] };
        var format = OutputFormat.OptionWithNames("of the GPUs");
        var command = new Command("gpus", "List the GPUs that are built in: memory as a process gets it, bandwidth, dense throughput, link; with prices, what each gives for money.") { prices, format };
        command.SetAction(result =>
        {
            var priced = Prices(result.GetValue(prices)!);
            IReadOnlyList<GpuModel> shown = priced.Count == 0 ? GpuCatalogue.All : [.. priced.Keys];
            if (result.GetValue(format) is "json" or "yaml")
                OutputFormat.Write(new JsonArray([.. shown.Select(gpu => (JsonNode)GpuJson.Of(gpu, priced.TryGetValue(gpu, out var price) ? price : null))]), result.GetValue(format)!, Console.Out);
            else if (result.GetValue(format) == "name")
                foreach (var gpu in shown)
                    Console.Out.WriteLine(gpu.Name);
            else
                TextTable.Write([[.. Columns, .. priced.Count > 0 ? (string[])["PRICE/H", "GiB", "GB/s", "TFLOP/s"] : []], .. shown.Select(gpu => Row(gpu, priced))], Console.Out);
            if (priced.Count > 0 && result.GetValue(format) is "text" or "wide")
                Console.Out.WriteLine("\nThe last three are for one unit of money per hour.");
            return ExitStatus.Fits;
        });
        return command;
    }

    private static Dictionary<GpuModel, decimal> Prices(string[] texts)
    {
        var prices = new Dictionary<GpuModel, decimal>();
        foreach (var text in texts)
        {
            var equals = text.LastIndexOf('=');
            if (equals <= 0 || !decimal.TryParse(text[(equals + 1)..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var price) || price <= 0)
                throw new UserErrorException($"--price {text}: give NAME=PRICE with a price above zero, such as h100-80gb=2.99");
            if (!GpuCatalogue.TryFind(text[..equals], out var gpu))
                throw new UserErrorException($"--price {text}: '{text[..equals]}' is {ClosestGpus.Explain(text[..equals], "gpumem gpus")}");
            prices[gpu] = price;
        }

        return prices;
    }

    private static string[] Row(GpuModel gpu, Dictionary<GpuModel, decimal> prices) =>
    [
        gpu.Name,
        $"{gpu.UsableMemory}{(gpu.SharedMemory is { } shared ? $" of {shared} with the host" : gpu.MemoryIsKnown ? "" : ", by its name")}",
        Text(gpu.LabelMemoryMiB),
        Text(gpu.BandwidthGBs),
        Text(gpu.Bf16Teraflops ?? gpu.Fp16Teraflops),
        Text(gpu.Fp8Teraflops),
        gpu.Link,
        Text(gpu.LinkGBs),
        .. prices.TryGetValue(gpu, out var price) ? (string[])[Text((double)price), For(gpu.UsableMemory.GiB, price), For(gpu.BandwidthGBs, price), For(gpu.Bf16Teraflops ?? gpu.Fp16Teraflops, price)] : [],
    ];

    private static string For(double? figure, decimal price) => figure is { } known ? (known / (double)price).ToString("0.0", CultureInfo.InvariantCulture) : "-";

    private static string Text(double? figure) => figure?.ToString(CultureInfo.InvariantCulture) ?? "-";
}
