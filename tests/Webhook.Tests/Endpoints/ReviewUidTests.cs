using System.Text;
using FsCheck.Xunit;
using GpuMem.Webhook.Endpoints;

namespace GpuMem.Webhook.Tests.Endpoints;

public sealed class ReviewUidTests
{
    [Fact]
    public void The_uid_is_found_in_the_beginning_of_a_review_and_nothing_else_is_taken_for_it()
    {
        var review = Encoding.UTF8.GetBytes("""
            {"kind":"AdmissionReview","uid":"not this","apiVersion":"admission.k8s.io/v1","request":{"kind":{"uid":"nor this"},"uid":"u","object":{"uid":"x"}}}
            """);
        var end = review.AsSpan().IndexOf("\"u\""u8) + "\"u\"".Length;
        for (var length = 0; length <= review.Length; length++)
            Assert.Equal(length < end ? null : "u", ReviewUid.In(review.AsSpan(0, length)));
    }

    [Theory]
    [InlineData("""{"request":{"object":{"metadata":{"uid":"x"}},"name":"cut""")]
    [InlineData("""{"request":{"uid":1""")]
    [InlineData("""{"request":{"uid":"" """)]
    [InlineData("""{"request":{"uid":"\ud800" """)]
    [InlineData("""{"request":"uid","uid":"x" """)]
    [InlineData("hello")]
    public void Where_there_is_no_uid_none_is_found(string beginning) => Assert.Null(ReviewUid.In(Encoding.UTF8.GetBytes(beginning)));

    [Property]
    public void From_any_bytes_a_uid_is_read_or_not(byte[] bytes) => Assert.Null(ReviewUid.In(bytes));
}
