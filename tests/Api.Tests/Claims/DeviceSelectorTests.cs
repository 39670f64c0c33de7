using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using GpuMem.Api.Nodes;
using GpuMem.Api.Nodes.Claims;

namespace GpuMem.Api.Tests.Claims;

public sealed class DeviceSelectorTests
{
    private static readonly DeviceFacts H100 = new("gpu.nvidia.com", new ValueList<DeviceFact>(
    [
        new DeviceFact("architecture", false, "Hopper"), new DeviceFact("cudaComputeCapability", false, new Version(9, 0, 0)), new DeviceFact("memory", true, 85520809984m),
        new DeviceFact("productName", false, "NVIDIA H100 80GB HBM3"), new DeviceFact("type", false, "gpu"),
    ]));

    [Theory]
    [InlineData("device.driver == 'gpu.nvidia.com'", true)]
    [InlineData("device.driver == \"gpu.amd.com\"", false)]
    [InlineData("device.driver == 'gpu.nvidia.com' && device.attributes['gpu.nvidia.com'].type == 'gpu'", true)]
    [InlineData("device.attributes['gpu.nvidia.com']['type'] == 'mig'", false)]
    [InlineData("device.attributes[\"gpu.nvidia.com\"].productName.lowerAscii().matches('^.*(a100|h100).*$')", true)]
    [InlineData("device.attributes['gpu.nvidia.com'].productName.matches(r'H\\d+ 40GB')", false)]
    [InlineData("device.attributes['gpu.nvidia.com'].productName.matches('A100') || device.attributes['gpu.nvidia.com'].architecture == 'Hopper'", true)]
    [InlineData("!device.attributes['gpu.nvidia.com'].productName.contains('PCIe')", true)]
    [InlineData("device.attributes['gpu.nvidia.com'].productName in ['NVIDIA L4', 'NVIDIA H100 80GB HBM3']", true)]
    [InlineData("device.attributes['gpu.nvidia.com'].architecture in ['Ampere','Ada Lovelace']", false)]
    [InlineData("device.capacity['gpu.nvidia.com'].memory.compareTo(quantity('40Gi')) >= 0", true)]
    [InlineData("device.capacity['gpu.nvidia.com'].memory.compareTo(quantity('80Gi')) >= 0", false)]
    [InlineData("device.capacity['gpu.nvidia.com'].memory.isGreaterThan(quantity(\"40Gi\"))", true)]
    [InlineData("device.capacity['gpu.nvidia.com'].memory.isLessThan(quantity(\"40Gi\"))", false)]
    [InlineData("device.attributes['gpu.nvidia.com'].cudaComputeCapability.compareTo(semver('8.9.0')) > 0", true)]
    [InlineData("device.attributes['gpu.nvidia.com'].cudaComputeCapability.isLessThan(semver('9.0.0'))", false)]
    [InlineData("true", true)]
    [InlineData("(false || (true && !false))", true)]
    public void What_is_known_of_a_device_decides(string expression, bool selects) => Assert.Equal(selects, DeviceSelector.Selects(expression, H100));

    [Theory]
    [InlineData("device.attributes['gpu.nvidia.com'].uuid == 'GPU-1'")]
    [InlineData("device.attributes['other.com'].model == 'x'")]
    [InlineData("device.attributes['gpu.nvidia.com'].numaNode == 0")]
    [InlineData("device.attributes.exists(d, d == 'gpu.nvidia.com')")]
    [InlineData("has(device.attributes['gpu.nvidia.com'].type)")]
    [InlineData("device.attributes['gpu.nvidia.com'].type == 'gpu' ? true : false")]
    [InlineData("device.capacity['gpu.nvidia.com'].memory.compareTo(quantity('a lot')) >= 0")]
    [InlineData("device.attributes['gpu.nvidia.com'].productName.matches('(')")]
    [InlineData("device.attributes['gpu.nvidia.com'].type == 1")]
    [InlineData("1 + 1 == 2")]
    [InlineData("device.driver == 'gpu.nvidia.com' && ")]
    [InlineData("device.driver ==")]
    [InlineData("'open")]
    [InlineData("")]
    [InlineData(null)]
    public void What_is_not_known_is_left_open(string? expression) => Assert.Null(DeviceSelector.Selects(expression, H100));

    [Theory]
    [InlineData("device.driver == 'gpu.amd.com' && device.attributes['gpu.amd.com'].family == 'AI'", false)]
    [InlineData("device.driver == 'gpu.nvidia.com' || device.attributes['gpu.nvidia.com'].uuid == 'GPU-1'", true)]
    public void What_is_not_known_matters_only_where_the_rest_does_not_decide(string expression, bool selects) => Assert.Equal(selects, DeviceSelector.Selects(expression, H100));

    [Fact]
    public void An_expression_as_deep_as_it_is_long_is_left_open() => Assert.Null(DeviceSelector.Selects(new string('(', 5_000) + "true" + new string(')', 5_000), H100));

    [Property]
    public Property No_text_is_too_strange() => Prop.ForAll(
        Gen.Elements(
            "device", ".driver", ".attributes", ".capacity", "['gpu.nvidia.com']", ".type", ".memory", " == ", " in ", "'gpu'", "[", "]", "(", ")", "!", "-", "&&", "||", ".matches", ".compareTo", "quantity('1Gi')", "\\", "'", "1e9", "9.9.9", ",", " ")
            .ArrayOf().Select(string.Concat).ToArbitrary(),
        expression => Record.Exception(() => DeviceSelector.Selects(expression, H100)) is null);
}
