using System.Text.Json;
using GpuMem.Catalogues.Gpus;
using GpuMem.Estimation;

namespace GpuMem.Catalogues.Tests.Gpus;

public sealed class GpuCatalogueTests
{
    [Fact]
    public void All_accelerators_are_there_with_some_memory()
    {
        Assert.Equal(101, GpuCatalogue.All.Count);
        Assert.All(GpuCatalogue.All, gpu => Assert.True(gpu.UsableMemory > Bytes.Zero && gpu.NvLinkDomain >= 1));
    }

    [Fact]
    public void Every_name_and_alias_finds_its_own_entry()
    {
        foreach (var gpu in GpuCatalogue.All)
            Assert.All(gpu.Aliases.Append(gpu.Name), name => Assert.Equal(gpu.Name, Find(name).Name));
    }

    [Fact]
    public void Every_figure_has_a_source_and_none_exceeds_what_the_driver_reports()
    {
        using var document = JsonDocument.Parse(BuiltIn.Open("gpus.json"));
        foreach (var entry in document.RootElement.GetProperty("gpus").EnumerateArray())
        {
            var name = entry.GetProperty("name").GetString();
            var label = entry.GetProperty("label_memory_mib");
            var visible = entry.GetProperty("cuda_visible_gib");
            Assert.True(label.ValueKind == JsonValueKind.Null || entry.GetProperty("label_source").GetString() is { Length: > 0 }, $"{name}: label_source");
            Assert.True(visible.ValueKind == JsonValueKind.Null || entry.GetProperty("cuda_visible_source").GetString() is { Length: > 0 }, $"{name}: cuda_visible_source");
            Assert.True(
                label.ValueKind == JsonValueKind.Null || visible.ValueKind == JsonValueKind.Null || visible.GetDecimal() * 1024 <= label.GetInt64(),
                $"{name}: more is visible than the label says");
        }

        var names = GpuCatalogue.All.SelectMany(gpu => gpu.Aliases.Append(gpu.Name)).Select(name => NameTokens.Of(name)).ToList();
        Assert.Equal(names.Count, names.Distinct().Count());
    }

    [Fact]
    public void The_rule_for_unknown_cards_promises_no_more_than_any_measured_card_gives() => Assert.All(
        GpuCatalogue.All.Where(gpu => gpu.LabelMemoryMiB is not null),
        gpu => Assert.True(GpuCatalogue.UsableMemory(null, gpu.LabelMemoryMiB!.Value) <= gpu.UsableMemory, gpu.Name));

    /// <summary>CUDA says 121.69 GiB of a DGX Spark, all that it has; its system holds up to 20.4 of them before anything is started.</summary>
    [Fact]
    public void A_GPU_without_memory_of_its_own_has_what_its_host_leaves()
    {
        var spark = Find("NVIDIA-GB10");
        Assert.Equal((Bytes.FromGiB(101.3m), Bytes.FromGiB(121.69m), false), (spark.UsableMemory, spark.LargestMemory, spark.IsMeasured));
        Assert.Equal(spark, Find("gb10"));
    }

    [Theory]
    [InlineData("NVIDIA-H100-80GB-HBM3", "NVIDIA H100 SXM 80GB")]
    [InlineData("NVIDIA-H100-80GB-HBM3-SHARED", "NVIDIA H100 SXM 80GB")]
    [InlineData("h100", "NVIDIA H100 SXM 80GB")]
    [InlineData("h100-80gb", "NVIDIA H100 SXM 80GB")]
    [InlineData("H100 SXM", "NVIDIA H100 SXM 80GB")]
    [InlineData("h100-pcie", "NVIDIA H100 PCIe 80GB")]
    [InlineData("h100-nvl", "NVIDIA H100 NVL 94GB")]
    [InlineData("a100-40gb", "NVIDIA A100 40GB")]
    [InlineData("a100-80gb", "NVIDIA A100 80GB")]
    [InlineData("h200", "NVIDIA H200 141GB")]
    [InlineData("l4", "NVIDIA L4 24GB")]
    [InlineData("l40s", "NVIDIA L40S 48GB")]
    [InlineData("t4", "NVIDIA T4 16GB")]
    [InlineData("rtx4090", "NVIDIA GeForce RTX 4090 24GB")]
    [InlineData("RTX 4090", "NVIDIA GeForce RTX 4090 24GB")]
    [InlineData("gb200", "NVIDIA GB200 (per GPU)")]
    [InlineData("mi300x", "AMD Instinct MI300X 192GB")]
    public void A_gpu_is_found_by_the_names_people_use(string name, string expected) => Assert.Equal(expected, Find(name).Name);

    [Theory]
    [InlineData("h200-nvl", 143_771)]
    [InlineData("h20-141gb", 143_771)]
    [InlineData("gh200", 97_871)]
    [InlineData("gh200-144gb", 146_831)]
    [InlineData("b200", 183_359)]
    [InlineData("b300", 275_040)]
    [InlineData("NVIDIA-B300-SXM6-AC", 275_040)]
    [InlineData("gb200", 189_471)]
    [InlineData("gb300", 284_208)]
    [InlineData("l20", 46_068)]
    [InlineData("a40", 46_068)]
    [InlineData("rtx-pro-6000", 97_887)]
    [InlineData("NVIDIA RTX PRO 6000 Blackwell Max-Q Workstation Edition", 97_887)]
    [InlineData("rtx-pro-5000", 48_935)]
    [InlineData("rtx-a5000", 24_564)]
    [InlineData("rtx-5090", 32_607)]
    [InlineData("5070-ti", 16_303)]
    [InlineData("rtx-5060-ti", 8151)]
    [InlineData("rtx-5060-ti-16gb", 16_311)]
    [InlineData("4060-ti-16gb", 16_380)]
    [InlineData("rtx-3060", 12_288)]
    [InlineData("mi210", 65_520)]
    [InlineData("mi250x", 65_520)]
    [InlineData("mi300x", 196_592)]
    [InlineData("mi355x", 294_896)]
    [InlineData("rx-7900-xtx", 24_560)]
    [InlineData("7900-xt", 20_464)]
    [InlineData("rx-9070-xt", 16_304)]
    [InlineData("w7900", 46_064)]
    [InlineData("gaudi2", 98_304)]
    [InlineData("HL-325L", 131_072)]
    [InlineData("Tesla-P40", 23_040)]
    [InlineData("nvidia-tesla-p100", 16_384)]
    [InlineData("nvidia-tesla-k80", 11_441)]
    [InlineData("Tesla-V100S-PCIE-32GB", 32_768)]
    [InlineData("gaudi3", 131_072)]
    public void A_card_has_the_memory_that_its_driver_reports(string name, long mebibytes) => Assert.Equal(mebibytes, Find(name).LabelMemoryMiB);

    [Theory]
    [InlineData("mi325x", 255.98)]
    [InlineData("mi355x", 287.98)]
    [InlineData("rx-7900-xtx", 23.98)]
    [InlineData("gaudi2", 94.62)]
    [InlineData("max-1550", 63.98)]
    [InlineData("arc-b580", 11.33)]
    [InlineData("rtx-4080", 15.67)]
    public void What_torch_reports_is_taken_whole(string name, double gib) => Assert.Equal(gib, Find(name).UsableMemory.GiB, 6);

    [Fact]
    public void A_card_that_nobody_measured_is_found_and_says_so() => Assert.False(Find("mi308x").MemoryIsKnown);

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("-MIG-")]
    [InlineData("h1000")]
    [InlineData("NVIDIA-H100-80GB-HBM3-MIG-9g.99gb")]
    public void An_unknown_name_finds_nothing(string name) => Assert.False(GpuCatalogue.TryFind(name, out _));

    [Theory]
    [InlineData("NVIDIA-H100-80GB-HBM3-MIG-1g.10gb", 9984)]
    [InlineData("NVIDIA-A100-SXM4-80GB-MIG-1g.10gb", 9728)]
    [InlineData("NVIDIA-H200-MIG-1g.18gb", 16_384)]
    [InlineData("NVIDIA-A100-SXM4-40GB-MIG-1g.5gb-SHARED", 4864)]
    [InlineData("NVIDIA-RTX-PRO-6000-Blackwell-Server-Edition-MIG-2g.48gb", 47_616)]
    [InlineData("NVIDIA-GH200-144G-HBM3e-MIG-1g.18gb", 17_920)]
    public void A_MIG_slice_has_its_own_memory_and_no_NVLink(string product, long mebibytes)
    {
        var slice = Find(product);
        Assert.Equal(mebibytes, slice.LabelMemoryMiB);
        Assert.InRange(slice.UsableMemory.Value, Bytes.FromMiB(mebibytes).Value * 0.98, Bytes.FromMiB(mebibytes).Value);
        Assert.Equal(1, slice.NvLinkDomain);
    }

    [Theory]
    [InlineData("h100", 8)]
    [InlineData("a100-80gb", 8)]
    [InlineData("NVIDIA-A100-80GB-PCIe", 2)]
    [InlineData("h100-nvl", 2)]
    [InlineData("gb200", 72)]
    [InlineData("gb300", 72)]
    [InlineData("h200-nvl", 2)]
    [InlineData("l4", 1)]
    public void The_NVLink_domain_is_what_the_board_has(string name, int gpus) => Assert.Equal(gpus, Find(name).NvLinkDomain);

    [Fact]
    public void A_label_that_agrees_gives_the_CUDA_visible_memory() =>
        Assert.Equal(Bytes.FromGiB(79.11m), GpuCatalogue.UsableMemory("NVIDIA-H100-80GB-HBM3", 81_559));

    [Fact]
    public void A_label_of_another_size_is_believed_over_the_catalogue() =>
        Assert.InRange(GpuCatalogue.UsableMemory("NVIDIA-H100-80GB-HBM3", 97_871).GiB, 93.9, 94.0);

    [Fact]
    public void Of_a_small_card_of_unknown_name_the_driver_keeps_half_a_gibibyte() =>
        Assert.Equal(Bytes.FromMiB(7680), GpuCatalogue.UsableMemory("Unheard-Of-8GB", 8192));

    [Fact]
    public void Of_a_slice_it_keeps_only_a_share() =>
        Assert.InRange(GpuCatalogue.UsableMemory("NVIDIA-Unheard-Of-MIG-1g.5gb", 4864).Value, Bytes.FromMiB(4780).Value, Bytes.FromMiB(4864).Value);

    [Fact]
    public void A_card_of_the_same_name_and_twice_the_memory_counts_by_its_label() =>
        Assert.InRange(GpuCatalogue.UsableMemory("NVIDIA-GeForce-RTX-4060-Ti", 16_380).GiB, 15.4, 15.57);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    [InlineData(81_559)]
    public void Any_label_of_any_product_gives_a_size_and_never_more_than_the_label(long label)
    {
        foreach (var product in (string?[])[null, "", "what", "NVIDIA-H100-80GB-HBM3", "NVIDIA-B300"])
        {
            var usable = GpuCatalogue.UsableMemory(product, label);
            Assert.True(label <= 0 || usable.GiB <= label / 1024.0);
        }
    }

    private static GpuModel Find(string name) =>
        GpuCatalogue.TryFind(name, out var gpu) ? gpu : throw new InvalidOperationException($"{name} was not found");
}
