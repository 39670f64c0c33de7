using GpuMem.Api.Commands.Training;
using GpuMem.Api.Tests.Workloads;

namespace GpuMem.Api.Tests.Commands;

public sealed class InterpolationsTests
{
    [Theory]
    [InlineData("{a: 1, b: '${a}'}", """{"a":1,"b":1}""")]
    [InlineData("{a: {b: {c: 2048}}, d: ['${a.b.c}', x]}", """{"a":{"b":{"c":2048}},"d":[2048,"x"]}""")]
    [InlineData("{a: '${b}', b: '${c}', c: 3}", """{"a":3,"b":3,"c":3}""")]
    [InlineData("{a: '${none}', b: 'in ${a}', c: '${env:HOME}'}", """{"a":"${none}","b":"in ${a}","c":"${env:HOME}"}""")]
    [InlineData("{a: [1, 1], b: '${a}', c: {d: 1}, e: '${c}'}", """{"a":[1,1],"b":"${a}","c":{"d":1},"e":"${c}"}""")]
    public void Single_values_are_put_in_where_they_are_named(string keys, string expected) => Assert.Equal(expected, Interpolations.PutInto(Manifest.Json(keys)).ToJsonString());

    [Fact]
    public void What_names_itself_ends() => Assert.Equal("""{"a":"${a}"}""", Interpolations.PutInto(Manifest.Json("{a: '${a}'}")).ToJsonString());
}
