using GpuMem.Catalogues.Gpus;
using GpuMem.Estimation;

namespace GpuMem.Catalogues.Tests.Gpus;

public sealed class GpuCatalogueTests
{
    [Fact]
    public void All_thirty_five_accelerators_are_there_with_some_memory()
    {
        Assert.Equal(35, GpuCatalogue.All.Count);
        Assert.All(GpuCatalogue.All, gpu => Assert.True(gpu.UsableMemory > Bytes.Zero && gpu.NvLinkDomain >= 1));
    }

    [Fact]
    public void Every_name_and_alias_finds_its_own_entry()
    {
        foreach (var gpu in GpuCatalogue.All)
            Assert.All(gpu.Aliases.Append(gpu.Name), name => Assert.Equal(gpu.Name, Find(name).Name));
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
    [InlineData("l4", 1)]
    public void The_NVLink_domain_is_what_the_board_has(string name, int gpus) => Assert.Equal(gpus, Find(name).NvLinkDomain);

    [Fact]
    public void A_label_that_agrees_gives_the_CUDA_visible_memory() =>
        Assert.Equal(Bytes.FromGiB(79.11m), GpuCatalogue.UsableMemory("NVIDIA-H100-80GB-HBM3", 81_559));

    [Fact]
    public void A_label_of_another_size_is_believed_over_the_catalogue() =>
        Assert.InRange(GpuCatalogue.UsableMemory("NVIDIA-H100-80GB-HBM3", 97_871).GiB, 93.9, 94.0);

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
